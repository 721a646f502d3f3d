import type { Reason } from '../bundle/reason.ts';
import { plannedTarget } from '../bundle/plan-target.ts';
import type { PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { ForgeSpec, Target } from '../model/fleet.ts';
import type { Forge, Tree } from '../model/ports.ts';
import type { Outcome } from '../model/problem.ts';
import { planApply } from './apply.ts';
import { planDiff } from './diff.ts';
import { dueOn, dueOnForge } from './due.ts';
import { nothingWanted, type Planning } from './plan-on.ts';

/** What an upgrade would change on the forge's base branches; targets of which nothing is due are not planned. */
export async function planUpgrades(
  targets: readonly Target[],
  templates: TemplateSet,
  forge: Forge,
  forgeSpec: ForgeSpec,
  options: Planning,
): Promise<readonly PlannedTarget[]> {
  const planned: PlannedTarget[] = [];
  for (const target of targets) {
    const done = await settled(target, options, () => dueOnForge(target, templates, forge, forgeSpec));
    if (done !== undefined) planned.push(done);
    else planned.push(...(await planDiff([target], templates, forge, forgeSpec, options)));
  }
  return planned;
}

/** The same in a checkout, target after target. */
export async function planUpgradesIn(
  targets: readonly Target[],
  templates: TemplateSet,
  tree: Tree,
  options: Planning,
): Promise<readonly PlannedTarget[]> {
  const due: Target[] = [];
  const early = new Map<Target, PlannedTarget>();
  for (const target of targets) {
    const done = await settled(target, options, () => dueOn(target, templates, tree));
    if (done === undefined) due.push(target);
    else early.set(target, done);
  }
  const planned = await planApply(due, templates, tree, undefined, options);
  return targets.flatMap((target) => early.get(target) ?? planned[due.indexOf(target)] ?? []);
}

/** The result of a target that needs no plan; undefined: it does. */
async function settled(
  target: Target,
  options: Planning,
  due: () => Promise<Outcome<Reason | undefined>>,
): Promise<PlannedTarget | undefined> {
  if (target.stage === 'outside') return nothingWanted(target);
  const reason = await due();
  if (!reason.ok) return plannedTarget(target, [], reason.problems);
  const isLocked = reason.problems.length === 0;
  if (reason.value !== undefined || (isLocked && options.restore)) return undefined;
  return plannedTarget(target, [], reason.problems);
}
