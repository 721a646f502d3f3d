import type { BuiltCluster, OwnedObject } from '../flux/build.ts';
import { objectsByNamespace } from '../flux/built-cluster.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import { pathsBelow } from '../model/paths.ts';
import type { Tree } from '../model/ports.ts';
import type { Problem } from '../model/problem.ts';
import { reservedFor } from '../model/reserved-namespaces.ts';

/** Paths of Kustomizations that are right only where a folder of this repository is the root of one. */
export function movedRoot(
  { builds }: BuiltCluster,
  repository: RepositoryId,
  entry: RepoPath,
  { snapshot }: Tree,
): readonly Problem[] {
  const open = builds.filter(({ state, kustomization }) => state !== 'built' && kustomization !== undefined);
  const paths = open.flatMap(({ kustomization }) => kustomization?.path ?? []).filter((path) => path !== '');
  const parts = entry.split('/');
  const above = parts.map((_, at) => parts.slice(0, at).join('/')).filter((folder) => folder !== '');
  const root = above.find((folder) =>
    paths.some(
      (path) =>
        pathsBelow(snapshot.paths, path).length === 0 &&
        pathsBelow(snapshot.paths, `${folder}/${path}` as RepoPath).length > 0,
    ),
  );
  const file = open
    .map(({ kustomization }) => kustomization?.manifest.file)
    .find((each) => each !== undefined);
  if (root === undefined) return [];
  return [
    {
      rule: 'scan-root-moved',
      severity: 'warning',
      message: `The paths of Kustomizations in ${entry} begin at ${root}, not at the root of ${repository}: Flux seems to build a repository that is made of that folder.`,
      fix: `Scan a checkout of that repository. To see what it holds, scan the folder: meshwright init --scan <checkout>/${root}`,
      repository,
      ...(file !== undefined && { file }),
    },
  ];
}

/** Namespaces whose objects make no pods by themselves: a controller may make some of them all the same. */
export function withoutWorkloads(
  clusters: readonly BuiltCluster[],
  taken: ReadonlyMap<string, unknown>,
): readonly Problem[] {
  const found = new Map<string, Set<string>>();
  for (const built of clusters)
    for (const [namespace, objects] of objectsByNamespace(built)) {
      if (taken.has(namespace) || reservedFor(namespace, undefined) !== undefined) continue;
      const kinds = found.get(namespace) ?? new Set<string>();
      found.set(namespace, kinds);
      for (const { manifest } of objects) if (isCustom(manifest)) kinds.add(manifest.kind);
    }
  const some = [...found].filter(([, kinds]) => kinds.size > 0);
  if (some.length === 0) return [];
  const described = some.map(([namespace, kinds]) => `${namespace} (${[...kinds].sort().join(', ')})`);
  return [
    {
      rule: 'scan-namespace-of-operators',
      severity: 'warning',
      message: `Left out, because Git shows no workload, Service or HelmRelease in them, only custom resources that a controller may make pods of: ${described.sort().join('; ')}.`,
      fix: 'Add a namespace that has pods to fleet.yaml by hand, with its services.',
    },
  ];
}

/** Whether an object is of a type that someone has added to Kubernetes, and not one of Flux' own or of the mesh's policies. */
function isCustom({ group, kind }: Manifest): boolean {
  // Most implementations make a proxy for each.
  if (group === 'gateway.networking.k8s.io') return kind === 'Gateway';
  return group.includes('.') && !withoutPods.some((each) => group === each || group.endsWith(`.${each}`));
}

const withoutPods = [
  'k8s.io',
  'toolkit.fluxcd.io',
  'monitoring.coreos.com',
  'external-secrets.io',
  'cert-manager.io',
  'kyverno.io',
  'istio.io',
];

/** A namespace of which Git does not show the name. */
export function openName(namespace: string, [object]: readonly OwnedObject[]): Problem {
  return {
    rule: 'scan-namespace-unknown',
    severity: 'warning',
    message: `The name of the namespace ${JSON.stringify(namespace)} is not known: a variable in it is set outside Git, or it is not a name.`,
    fix: 'Add the namespace to fleet.yaml by hand.',
    ...(object !== undefined && {
      repository: object.repository,
      ...object.manifest.locationOf(['metadata', 'namespace']),
    }),
  };
}

/** A namespace that nobody in Git is seen to call. */
export function withoutServices(namespace: string, [first]: readonly OwnedObject[]): Problem {
  return {
    rule: 'scan-services-unknown',
    severity: 'warning',
    message: `The Services of "${namespace}" are not known: Git shows none, and its pods may be called in other ways.`,
    fix: 'Declare its services, with ports, accounts and calls, in fleet.yaml.',
    ...(first !== undefined && {
      repository: first.repository,
      ...first.manifest.locationOf(['metadata', 'name']),
    }),
  };
}
