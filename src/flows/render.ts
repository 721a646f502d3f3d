import { renderTarget } from '../bundle/plan-target.ts';
import type { PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import { nothingWanted } from './plan-on.ts';

/** The whole bundle of each target, as for an empty directory; reads no repository. One at a time, as it is asked for. */
export function* renderTargets(targets: readonly Target[], templates: TemplateSet): Generator<PlannedTarget> {
  for (const target of targets)
    yield target.stage === 'outside' ? nothingWanted(target) : renderTarget(target, templates);
}
