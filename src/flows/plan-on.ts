import type { PlanOptions } from '../bundle/plan.ts';
import { planBundle } from '../bundle/plan-target.ts';
import type { Bundle, PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { withFiles, type Snapshot } from '../model/snapshot.ts';

/** The bundle of a target for one repository as `tree` has it, reading files as the plan asks for them.
 *  @param snapshot  the tree's own, or one with changes not written yet
 *  @returns the bundle with the snapshot as read so far */
export async function planOn(
  target: Target,
  repository: RepositoryId,
  tree: Tree,
  snapshot: Snapshot,
  templates: TemplateSet,
  options?: PlanOptions,
): Promise<Outcome<{ readonly bundle: Bundle; readonly snapshot: Snapshot }>> {
  let now = snapshot;
  for (;;) {
    const { needs, bundle } = planBundle(target, repository, now, templates, options);
    if (bundle !== undefined) return success({ bundle, snapshot: now });
    const missing = needs.filter((path) => !now.files.has(path) && !now.unreadable.has(path));
    if (missing.length === 0) throw new Error(`planning ${target.id} asks for files it has`);
    const read = await tree.read(missing);
    if (!read.ok) return read;
    now = withFiles(now, read.value);
  }
}

/** A target whose stage asks for nothing. */
export function nothingWanted(target: Target): PlannedTarget {
  return {
    target: target.id,
    bundles: [],
    problems: [
      {
        rule: 'stage-outside',
        severity: 'info',
        message: `${target.id} is at stage "outside", so nothing is wanted of it.`,
        fix: 'Set its stage to joined in fleet.yaml to move it into the mesh.',
      },
    ],
  };
}
