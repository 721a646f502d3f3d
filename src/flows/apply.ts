import { plannedTarget, repositoriesOf } from '../bundle/plan-target.ts';
import type { PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import type { Problem } from '../model/problem.ts';
import { withChanges } from '../model/snapshot.ts';
import { otherRepository } from './one-checkout.ts';
import { nothingWanted, planOn, type BundleOptions } from './plan-on.ts';

/** What a checkout's files must become, target after target; nothing is written.
 *  @param repository  which repository the checkout is; undefined: each target's own */
export async function planApply(
  targets: readonly Target[],
  templates: TemplateSet,
  tree: Tree,
  repository?: RepositoryId,
  options?: BundleOptions,
): Promise<readonly PlannedTarget[]> {
  let snapshot = tree.snapshot;
  const planned: PlannedTarget[] = [];
  for (const target of targets) {
    if (target.stage === 'outside') {
      planned.push(nothingWanted(target));
      continue;
    }
    const here = repository ?? target.repository;
    // What is there for this target is what the targets before it have made of the checkout.
    const now =
      snapshot.paths === tree.snapshot.paths && planned.every(isUnchanged)
        ? tree
        : { ...tree, revision: `${tree.revision} after ${String(planned.length)}`, snapshot };
    const plan = await planOn({ target, repository: here, templates }, { tree: now, snapshot }, options);
    if (!plan.ok) {
      planned.push(plannedTarget(target, [], plan.problems));
      continue;
    }
    snapshot = withChanges(plan.value.snapshot, plan.value.bundle.changes);
    planned.push(plannedTarget(target, [plan.value.bundle], elsewhere(target, here)));
  }
  return planned;
}

function isUnchanged({ bundles }: PlannedTarget): boolean {
  return bundles.every(({ changes }) => changes.length === 0);
}

function elsewhere(target: Target, here: RepositoryId): readonly Problem[] {
  return repositoriesOf(target)
    .filter((repository) => repository !== here)
    .map((repository) => ({
      rule: otherRepository,
      severity: 'info' as const,
      message: `Part of ${target.id} lives in ${repository}, which is not this checkout.`,
      fix: `Run apply in a checkout of it with --repository ${repository}, or use open, which does both.`,
    }));
}
