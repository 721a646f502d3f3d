import { draftOf } from '../bundle/draft.ts';
import type { Draft, PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { ForgeSpec, Target } from '../model/fleet.ts';
import type { Forge } from '../model/ports.ts';
import { hasErrors } from '../model/problem.ts';
import { planDiff } from './diff.ts';
import type { BundleOptions } from './plan-on.ts';

/** The pull requests that `open` would open on the base branches as they are; nothing is written. */
export async function planDrafts(
  targets: readonly Target[],
  templates: TemplateSet,
  forge: Forge,
  forgeSpec: ForgeSpec,
  options: BundleOptions,
): Promise<{ readonly planned: readonly PlannedTarget[]; readonly drafts: readonly Draft[] }> {
  const plans = await planDiff(targets, templates, forge, forgeSpec, options);
  const drafts: Draft[] = [];
  const planned: PlannedTarget[] = [];
  for (const [index, plan] of plans.entries()) {
    const target = targets[index];
    const problems = [...plan.problems];
    if (target !== undefined && !hasErrors(problems))
      for (const bundle of [...plan.bundles].reverse()) {
        if (bundle.changes.length === 0) continue;
        const draft = draftOf(target, bundle, templates, {
          forge: forgeSpec,
          purpose: { kind: 'stage' },
        });
        if (draft.ok) drafts.push(draft.value);
        else problems.push(...draft.problems);
      }
    planned.push({ ...plan, problems });
  }
  return { planned, drafts };
}
