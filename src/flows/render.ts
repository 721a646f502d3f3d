import { renderTarget } from '../bundle/plan-target.ts';
import type { PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import { nothingWanted } from './plan-on.ts';

/** The whole bundle of each target, as for an empty directory; reads no repository. */
export function renderTargets(targets: readonly Target[], templates: TemplateSet): readonly PlannedTarget[] {
  return targets.map((target) =>
    target.stage === 'outside' ? nothingWanted(target) : renderTarget(target, templates),
  );
}
