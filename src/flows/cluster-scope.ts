import type { ClusterEntry } from '../flux/build.ts';
import type { ClusterTarget, Fleet, NamespaceSpec } from '../model/fleet.ts';

/** One cluster of the fleet, or an environment whose clusters are not declared. */
export interface ClusterScope {
  readonly environment: string;
  readonly cluster: string | undefined;
  readonly specs: readonly NamespaceSpec[];
  /** undefined: nothing generates the cluster's own half of the mesh. */
  readonly target: ClusterTarget | undefined;
  /** Where Flux begins; undefined: the fleet does not say, so only the directories that it declares are known. */
  readonly entry: ClusterEntry | undefined;
  /** The namespaces that are looked at; undefined: every namespace on the cluster, those of no fleet included. */
  readonly around?: ReadonlySet<string>;
}

/** Where Flux begins clusters of which the fleet does not say it, by their names. */
export type FoundEntries = ReadonlyMap<string, ClusterEntry>;

/** The places of some environments, in the fleet's order. */
export function clusterScopes(
  fleet: Fleet,
  environments: ReadonlySet<string>,
  found: FoundEntries = new Map(),
): readonly ClusterScope[] {
  const chosen = fleet.environments.filter(({ name }) => environments.has(name));
  return chosen.flatMap(({ name: environment, clusters }) => {
    const names = clusters.length === 0 ? [undefined] : clusters.map(({ name }) => name);
    return names.map((cluster): ClusterScope => {
      const here = fleet.targets.filter((target) => target.environment === environment);
      const target = here.filter((each) => each.kind === 'cluster').find((each) => each.cluster === cluster);
      return {
        environment,
        cluster,
        specs: here.flatMap((each) =>
          each.kind === 'cluster'
            ? []
            : each.specs.filter((spec) => spec.cluster === undefined || spec.cluster === cluster).slice(0, 1),
        ),
        target,
        entry: target === undefined ? found.get(cluster ?? '') : entryOf(target),
      };
    });
  });
}

/** Where Flux begins to build a cluster. */
export function entryOf({ repository, spec: { directory, source } }: ClusterTarget): ClusterEntry {
  return { repository, directory, source };
}
