import { lockPath } from '../bundle/lock.ts';
import { lockedStage } from '../bundle/locked-stage.ts';
import type { ClusterTarget, Fleet, Target } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { success, type Problem } from '../model/problem.ts';
import type { BundleCheck } from './plan-on.ts';

/** Says which clusters' pull requests come before a namespace's: a cluster without Istio's types refuses the manifests of the
 *  mesh, and then Flux applies nothing of the whole Kustomization. Asks the forge once, in one survey of all clusters.
 *  @returns a check with warnings `cluster-not-merged` */
export function mergeFirst(fleet: Fleet, forge: Forge): BundleCheck {
  let asked: Promise<ReadonlyMap<string, Problem>> | undefined;
  return async ({ target, repository }) => {
    if (target.stage === 'outside' || repository !== target.repository) return success({ problems: [] });
    const clusters = clustersOf(target, fleet);
    if (clusters.length === 0) return success({ problems: [] });
    asked ??= missingClusters(fleet, forge);
    const missing = await asked;
    return success({
      problems: clusters.flatMap(({ id }) => {
        const problem = missing.get(id);
        return problem === undefined ? [] : [{ ...problem, message: `${target.id}: ${problem.message}` }];
      }),
    });
  };
}

/** The clusters of the fleet that a namespace is on. */
function clustersOf(target: Target, fleet: Fleet): readonly ClusterTarget[] {
  if (target.kind === 'cluster') return [];
  return fleet.targets.filter(
    (each): each is ClusterTarget =>
      each.kind === 'cluster' &&
      each.environment === target.environment &&
      target.specs.some(({ cluster }) => cluster === undefined || cluster === each.cluster),
  );
}

/** A warning for each cluster whose base branch does not say that the mesh is installed, and for those nobody can look at. */
async function missingClusters(fleet: Fleet, forge: Forge): Promise<ReadonlyMap<string, Problem>> {
  const clusters = fleet.targets.filter((target) => target.kind === 'cluster');
  const answers = await forge.survey(
    clusters.map(({ id, repository }) => ({ repository, file: lockPath(id), branches: [] })),
    fleet.forge.baseBranch,
  );
  const found = new Map<string, Problem>();
  for (const [index, target] of clusters.entries()) {
    const answer = answers[index];
    if (answer?.ok === true && answer.value.text !== undefined && lockedStage(answer.value.text, target).ok)
      continue;
    found.set(target.id, {
      rule: 'cluster-not-merged',
      severity: 'warning',
      // Nothing that changes before it is merged: the text of the pull request must be the same on the next run.
      message: `merge ${target.id} first. Until Istio is installed there, Flux fails the whole Kustomization of this namespace: no matches for kind "Sidecar".`,
      fix: `Merge its pull request, which meshwright open ${target.id} opens, and wait until Flux is healthy before you merge this one.`,
    });
  }
  return found;
}
