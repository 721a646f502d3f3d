import type { PlanOptions } from '../bundle/directory-plan.ts';
import { planBundle } from '../bundle/plan-target.ts';
import type { Bundle, BundleCalls, PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import { withChanges, type Snapshot } from '../model/snapshot.ts';
import { readUntil, type Checkout } from './read-until.ts';

/** What is planned: one target's part in one repository, by these templates. */
export interface BundleRequest {
  readonly target: Target;
  readonly repository: RepositoryId;
  readonly templates: TemplateSet;
}

/** A bundle in the repository it would change. */
interface Proposal {
  readonly target: Target;
  readonly repository: RepositoryId;
  readonly tree: Tree;
  /** The repository with the bundle's changes. */
  readonly after: Snapshot;
  readonly bundle: Bundle;
}

/** What else is said of a bundle before it is proposed: about the directories of the target as they would be. */
export type BundleCheck = (proposal: Proposal) => Promise<Outcome<Checked>>;

/** What a check has to say. An error stops the bundle. */
interface Checked {
  readonly problems: readonly Problem[];
  readonly calls?: BundleCalls;
}

/** How bundles are planned, and what must be true of them. */
export interface BundleOptions extends PlanOptions {
  readonly checks?: readonly BundleCheck[];
}

/** The bundle of a target for one repository as the checkout has it, reading files as the plan asks for them.
 *  @returns the bundle with the snapshot as read so far */
export async function planOn(
  { target, repository, templates }: BundleRequest,
  checkout: Checkout,
  options?: BundleOptions,
): Promise<Outcome<PlannedBundle>> {
  const planned = await readUntil(checkout, (snapshot) =>
    planBundle(target, repository, snapshot, templates, options),
  );
  if (!planned.ok) return planned;
  const { value: bundle, snapshot } = planned.value;
  if (bundle.changes.length === 0) return success({ bundle, snapshot });
  const after = withChanges(snapshot, bundle.changes);
  let now = bundle;
  for (const check of options?.checks ?? []) {
    const said = await check({ target, repository, tree: checkout.tree, after, bundle });
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
  return success({ bundle: now, snapshot });
}

/** A bundle, and the repository without it as read so far. */
interface PlannedBundle {
  readonly bundle: Bundle;
  readonly snapshot: Snapshot;
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
        message: `${target.id} is at stage "outside", so there is nothing to generate.`,
        fix: 'Set its stage to joined in fleet.yaml to move it into the mesh.',
      },
    ],
  };
}
