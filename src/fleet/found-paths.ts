import { sameValue } from '../model/same-value.ts';
import type { NamespaceManifestSpec } from '../model/fleet.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';

/** A path that a cluster builds a namespace from. */
export interface FoundPath {
  readonly repository: RepositoryId;
  readonly directory: RepoPath;
  /** Its objects of the namespace's application. */
  readonly objects: number;
  /** The Namespace manifest, where another path builds it. */
  readonly manifest: Extract<NamespaceManifestSpec, { kind: 'file' }> | undefined;
}

/** What one cluster builds, as its entry shows. */
export interface ClusterPaths {
  /** By namespace. */
  readonly paths: ReadonlyMap<string, readonly FoundPath[]>;
  /** What could not be read, so that a namespace that is not in `paths` may be there nevertheless. */
  readonly unknown: readonly string[];
}

/** By cluster; a cluster that is not here has no entry that the fleet names. `skipped`: nobody looked, and namespaces
 *  whose path the fleet does not say are left out. */
export type FoundPaths = ReadonlyMap<string, ClusterPaths> | 'skipped';

/** The path of a namespace on each cluster of an environment, or why there is none.
 *  @param said  what the fleet file says of it already */
export function pathOn(
  namespace: string,
  clusters: readonly string[],
  found: ReadonlyMap<string, ClusterPaths>,
  said: { readonly repository: string | undefined; readonly path: ((cluster: string) => string) | undefined },
): { readonly on: ReadonlyMap<string, FoundPath> } | { readonly why: string; readonly fix: string } {
  const on = new Map<string, FoundPath>();
  if (clusters.length === 0)
    return {
      why: 'its environment has no clusters to look at',
      fix: 'Add path and repository to it, or clusters to the environment.',
    };
  for (const cluster of clusters) {
    const built = found.get(cluster);
    if (built === undefined)
      return {
        why: `the fleet does not say what ${cluster} is built from`,
        fix: `Add path and repository to it, or repository to the cluster ${cluster}.`,
      };
    const candidates = (built.paths.get(namespace) ?? []).filter(
      ({ repository, directory }) =>
        (said.repository === undefined || said.repository === repository) &&
        (said.path === undefined || said.path(cluster) === directory),
    );
    const [first, second] = candidates;
    if (first === undefined) {
      const unknown = built.unknown.length === 0 ? '' : `; not known are ${built.unknown.join('; ')}`;
      return {
        why: `nothing that Git shows of ${cluster} builds it${unknown}`,
        fix: 'Add path and repository to it, or correct its name.',
      };
    }
    if (second !== undefined)
      return {
        why: `${cluster} builds it from ${candidates.map(described).join(', and from ')}`,
        fix: 'Say which of them the mesh is added to, with path and repository.',
      };
    on.set(cluster, first);
  }
  const repositories = new Set([...on.values()].map(({ repository }) => repository));
  if (repositories.size > 1)
    return {
      why: `its clusters build it from several repositories: ${[...repositories].join(', ')}`,
      fix: 'Say which of them the mesh is added to, with path and repository.',
    };
  return { on };
}

/** Whether all clusters build a namespace in the same way. */
export function isOnePath(on: ReadonlyMap<string, FoundPath>): boolean {
  const [first, ...others] = [...on.values()].map(({ repository, directory, manifest }) => ({
    repository,
    directory,
    manifest: manifest === undefined ? null : { ...manifest },
  }));
  return others.every((each) => sameValue({ ...first }, each));
}

function described({ repository, directory, objects }: FoundPath): string {
  return `${directory || 'the root'} of ${repository} (${String(objects)} ${objects === 1 ? 'object' : 'objects'})`;
}
