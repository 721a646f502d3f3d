import { plannedTarget, repositoriesOf } from '../bundle/plan-target.ts';
import type { Bundle, PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { ForgeSpec, Target } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import type { Problem } from '../model/problem.ts';
import { nothingWanted, planOn, type BundleOptions } from './plan-on.ts';
import { checkoutOf } from './read-until.ts';

/** What each target would change on the forge's base branch; nothing is written. */
export async function planDiff(
  targets: readonly Target[],
  templates: TemplateSet,
  forge: Forge,
  forgeSpec: ForgeSpec,
  options?: BundleOptions,
): Promise<readonly PlannedTarget[]> {
  const planned: PlannedTarget[] = [];
  for (const target of targets)
    planned.push(
      target.stage === 'outside'
        ? nothingWanted(target)
        : await planOne(target, templates, forge, forgeSpec, options),
    );
  return planned;
}

async function planOne(
  target: Target,
  templates: TemplateSet,
  forge: Forge,
  forgeSpec: ForgeSpec,
  options: BundleOptions | undefined,
): Promise<PlannedTarget> {
  const bundles: Bundle[] = [];
  const problems: Problem[] = [];
  for (const repository of repositoriesOf(target)) {
    const state = await forge.state(repository, forgeSpec.baseBranch, undefined);
    if (!state.ok) {
      problems.push(...state.problems);
      continue;
    }
    const { base } = state.value;
    const plan = await planOn({ target, repository, templates }, checkoutOf(base), options);
    if (plan.ok) bundles.push(plan.value.bundle);
    else problems.push(...plan.problems);
  }
  return plannedTarget(target, bundles, problems);
}
