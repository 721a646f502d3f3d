import type { ClusterPaths, FoundPath } from '../fleet/found-paths.ts';
import type { BuiltCluster, OwnedObject } from '../flux/build.ts';
import { objectsByNamespace } from '../flux/built-cluster.ts';
import { isApplication } from '../k8s/application.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { Checkouts } from './checkouts.ts';
import { entryOf } from './cluster-scope.ts';

/** What each cluster of a fleet builds its namespaces from, by the name of the cluster.
 *  @param fleet  may lack namespaces whose path it does not say */
export async function findPaths(fleet: Fleet, forge: Forge): Promise<ReadonlyMap<string, ClusterPaths>> {
  const checkouts = new Checkouts(forge, fleet);
  const found = new Map<string, ClusterPaths>();
  for (const target of fleet.targets)
    if (target.kind === 'cluster')
      found.set(target.cluster, pathsOf(await checkouts.cluster(entryOf(target))));
  return found;
}

function pathsOf(cluster: BuiltCluster): ClusterPaths {
  const paths = new Map<string, readonly FoundPath[]>();
  for (const [namespace, objects] of objectsByNamespace(cluster)) {
    const found = pathsOfNamespace(namespace, objects);
    if (found.length > 0) paths.set(namespace, found);
  }
  const unknown = cluster.builds
    .filter(({ state }) => state === 'unknown' || state === 'frozen')
    .map(({ id, why }) => `${id === '' ? 'the entry' : id}, since ${why ?? 'it was not read'}`);
  return { paths, unknown };
}

function pathsOfNamespace(namespace: string, objects: readonly OwnedObject[]): readonly FoundPath[] {
  const found = new Map<string, FoundPath>();
  const own = objects.find(
    ({ manifest: { group, kind, builtName } }) =>
      group === '' && kind === 'Namespace' && builtName === namespace,
  );
  for (const { build } of objects.filter(({ manifest }) => isApplication(manifest))) {
    const { repository, directory } = build;
    if (repository === undefined || directory === undefined) continue;
    // Two Kustomizations of one path are one path to change.
    const key = `${repository} ${directory}`;
    const isElsewhere =
      own !== undefined && (own.build.repository !== repository || own.build.directory !== directory);
    found.set(key, {
      repository,
      directory,
      objects: (found.get(key)?.objects ?? 0) + 1,
      manifest: isElsewhere
        ? { kind: 'file', repository: own.repository, path: own.manifest.file }
        : undefined,
    });
  }
  return [...found.values()];
}
