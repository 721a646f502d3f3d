import type { ClusterTarget, Fleet } from '../model/fleet.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { misuse } from './command.ts';

/** The cluster that was named, `lab-eu-1` or `cluster/lab-eu-1`.
 *  @returns problem `usage`: unknown, or without a repository */
export function findCluster(fleet: Fleet, name: string): Outcome<ClusterTarget> {
  const clusters = fleet.targets.filter((target) => target.kind === 'cluster');
  const found = clusters.find(({ cluster, id }) => cluster === name || id === name);
  if (found !== undefined) return success(found);
  const isKnown = fleet.environments.some((each) => each.clusters.some((cluster) => cluster.name === name));
  return failure(
    misuse(
      isKnown
        ? `Cluster "${name}" has no repository, so Meshwright does not manage its mesh.`
        : `The fleet has no cluster "${name}".`,
      isKnown
        ? 'Give it a repository in fleet.yaml, or in clusterDefaults.'
        : `Known: ${clusters.map(({ cluster }) => cluster).join(', ') || 'none'}.`,
    ),
  );
}
