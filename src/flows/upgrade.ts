import type { Reason } from '../bundle/reason.ts';
import { plannedTarget } from '../bundle/plan-target.ts';
import type { PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { ForgeSpec, Target } from '../model/fleet.ts';
import type { Forge, Tree } from '../model/ports.ts';
import type { Outcome } from '../model/problem.ts';
import { planApply } from './apply.ts';
import { planDiff } from './diff.ts';
import { dueOn, dueOnForge } from './due.ts';
import { orphansIn, outsideIn, outsideOnForge, withOrphansOnForge } from './leftovers.ts';
import { nothingWanted, type BundleOptions } from './plan-on.ts';

/** What an upgrade would change on the forge's base branches; targets of which nothing is due are not planned.
 *  @returns one a target, in order, and after them one for each target that only its lock remembers */
export async function planUpgrades(
  targets: readonly Target[],
  templates: TemplateSet,
  forge: Forge,
  forgeSpec: ForgeSpec,
  options: BundleOptions,
): Promise<readonly PlannedTarget[]> {
  const planned: PlannedTarget[] = [];
  const outside = await outsideOnForge(targets, forge, forgeSpec);
  for (const target of targets) {
    const left = outside.find((each) => each.target === target.id);
    const done =
      left ??
      (await settled(target, options, () =>
        dueOnForge(target, templates, forge, forgeSpec, options.fleetLocks),
      ));
    if (done !== undefined) planned.push(done);
    else planned.push(...(await planDiff([target], templates, forge, forgeSpec, options)));
  }
  const { fleetLocks } = options;
  if (fleetLocks === undefined) return planned;
  return withOrphansOnForge(targets, forge, forgeSpec, { fleetLocks, planned });
}

/** The same in a checkout, target after target. */
export async function planUpgradesIn(
  targets: readonly Target[],
  templates: TemplateSet,
  tree: Tree,
  options: BundleOptions,
): Promise<readonly PlannedTarget[]> {
  const { fleetLocks } = options;
  const due: Target[] = [];
  const early = new Map<Target, PlannedTarget>();
  for (const target of targets) {
    const done =
      (await outsideOf(target, tree)) ??
      (await settled(target, options, () => dueOn(target, templates, tree, fleetLocks)));
    if (done === undefined) due.push(target);
    else early.set(target, done);
  }
  const applied = await planApply(due, templates, tree, undefined, options);
  const planned = targets.flatMap((target) => early.get(target) ?? applied[due.indexOf(target)] ?? []);
  if (fleetLocks === undefined) return planned;
  return [...planned, ...(await orphansIn(tree, { fleetLocks, planned }))];
}

async function outsideOf(target: Target, tree: Tree): Promise<PlannedTarget | undefined> {
  if (target.stage !== 'outside') return undefined;
  const left = await outsideIn(target, tree);
  if (!left.ok) return plannedTarget(target, [], left.problems);
  return left.value === undefined ? undefined : plannedTarget(target, [], [left.value]);
}

/** The result of a target that needs no plan; undefined: it does. */
async function settled(
  target: Target,
  options: BundleOptions,
  due: () => Promise<Outcome<Reason | undefined>>,
): Promise<PlannedTarget | undefined> {
  if (target.stage === 'outside') return nothingWanted(target);
  const reason = await due();
  if (!reason.ok) return plannedTarget(target, [], reason.problems);
  const isLocked = reason.problems.length === 0;
  if (reason.value !== undefined || (isLocked && options.restore)) return undefined;
  return plannedTarget(target, [], reason.problems);
}
