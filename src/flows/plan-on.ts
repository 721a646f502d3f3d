import type { PlanOptions } from '../bundle/directory-plan.ts';
import { planBundle } from '../bundle/plan-target.ts';
import type { Bundle, BundleCalls, PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import { withChanges, withFiles, type Snapshot } from '../model/snapshot.ts';

/** What else is said of a bundle before it is proposed: about the directories of the target as they would be.
 *  @param after  the repository with the bundle's changes */
export type BundleCheck = (
  target: Target,
  repository: RepositoryId,
  tree: Tree,
  after: Snapshot,
  bundle: Bundle,
) => Promise<Outcome<Checked>>;

/** What a check has to say. An error stops the bundle. */
interface Checked {
  readonly problems: readonly Problem[];
  readonly calls?: BundleCalls;
}

/** How bundles are planned, and what must be true of them. */
export interface Planning extends PlanOptions {
  readonly checks?: readonly BundleCheck[];
}

/** The bundle of a target for one repository as `tree` has it, reading files as the plan asks for them.
 *  @param snapshot  the tree's own, or one with changes not written yet
 *  @returns the bundle with the snapshot as read so far */
export async function planOn(
  target: Target,
  repository: RepositoryId,
  tree: Tree,
  snapshot: Snapshot,
  templates: TemplateSet,
  options?: Planning,
): Promise<Outcome<{ readonly bundle: Bundle; readonly snapshot: Snapshot }>> {
  let now = snapshot;
  for (;;) {
    const { needs, bundle } = planBundle(target, repository, now, templates, options);
    if (bundle !== undefined) return checked(bundle, now);
    const missing = needs.filter((path) => !now.files.has(path) && !now.unreadable.has(path));
    if (missing.length === 0) throw new Error(`planning ${target.id} asks for files it has`);
    const read = await tree.read(missing);
    if (!read.ok) return read;
    now = withFiles(now, read.value);
  }

  async function checked(
    bundle: Bundle,
    read: Snapshot,
  ): Promise<Outcome<{ readonly bundle: Bundle; readonly snapshot: Snapshot }>> {
    if (bundle.changes.length === 0) return success({ bundle, snapshot: read });
    const after = withChanges(read, bundle.changes);
    let now = bundle;
    for (const check of options?.checks ?? []) {
      const said = await check(target, repository, tree, after, bundle);
      if (!said.ok) return said;
      const { problems, calls } = said.value;
      const found = problems.map((problem) => ({ ...problem, repository }));
      now = {
        ...now,
        problems: [...now.problems, ...found],
        ...(calls !== undefined && { calls }),
        ...(hasErrors(found) && { changes: [] }),
      };
    }
    return success({ bundle: now, snapshot: read });
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
