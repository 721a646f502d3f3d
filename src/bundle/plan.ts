import type { TemplateSet } from '../model/bundle.ts';
import type { DirectoryLock } from '../model/lock.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import { pathsBelow } from '../model/paths.ts';
import { known, withChanges, type Reading, type Snapshot } from '../model/snapshot.ts';
import type { DirectoryPlan, PlanOptions } from './directory-plan.ts';
import { lockInputs } from './lock.ts';
import { drift, planOnce } from './once.ts';
import { lockMissing } from './read-locks.ts';
import { readTrees, type DirectoryTrees } from './reading.ts';
import { regenerate } from './regenerate.ts';
import { sharedDirectory } from './shared-directory.ts';
import { lockOfWhole, renderWhole } from './render-whole.ts';
import { rendererOf } from './templates.ts';
import type { DesiredState } from './desired-state.ts';

/** What the repository's files must become for the desired state to hold. Pure; with an error among the problems there are no
 *  changes. Planning again on the result gives nothing (checked here before the plan is given out).
 *  @param snapshot  with as many files read as are known; ask again with the files of `needs`
 *  @param lock  what was generated last; undefined: nothing, so what is there belongs to people */
export function planDirectory(
  desired: DesiredState,
  snapshot: Snapshot,
  templates: TemplateSet,
  lock: DirectoryLock | undefined,
  options: PlanOptions,
): Reading<DirectoryPlan> {
  const renderer = rendererOf(templates);
  const reading = readTrees(desired, snapshot, renderer);
  const shared = sharedDirectory(desired, snapshot, lock !== undefined);
  if (reading.value === undefined || shared.value === undefined)
    return { needs: [...reading.needs, ...shared.needs] };
  const trees = reading.value;
  const planning = isMissing(desired, snapshot)
    ? known(planNew(desired, templates))
    : lock === undefined
      ? known(planFirst(desired, snapshot, templates, trees))
      : regenerate(desired, { snapshot, trees, lock }, templates, options);
  if (planning.value === undefined) return planning;
  const plan = { ...planning.value, problems: [...shared.value, ...beside(shared.value, planning.value)] };
  if (hasErrors(plan.problems)) return known(withoutChanges(plan, plan.problems));
  const unstable = verify(desired, withChanges(snapshot, plan.changes), plan, templates);
  return known(unstable.length > 0 ? withoutChanges(plan, [...plan.problems, ...unstable]) : plan);
}

/** What is said beside a refusal of the directory itself: not what is wrong with it as one of a single namespace, since the
 *  directory that the namespace must get holds nothing else. */
function beside(shared: readonly Problem[], { problems }: DirectoryPlan): readonly Problem[] {
  return hasErrors(shared) ? problems.filter(({ rule }) => !rule.startsWith('bundle-')) : problems;
}

function withoutChanges(plan: DirectoryPlan, problems: readonly Problem[]): DirectoryPlan {
  return { ...plan, changes: [], notes: [], conflicts: [], problems };
}

function planFirst(
  desired: DesiredState,
  snapshot: Snapshot,
  templates: TemplateSet,
  trees: DirectoryTrees,
): DirectoryPlan {
  const { files, edits, ...plan } = planOnce(desired, snapshot, trees, rendererOf(templates));
  const missing = lockMissing(desired, snapshot, templates);
  const problems = missing === undefined ? plan.problems : [...plan.problems, missing];
  return { ...plan, problems, conflicts: [], lock: { ...lockInputs(desired, templates), files, edits } };
}

function isMissing(desired: DesiredState, snapshot: Snapshot): boolean {
  return pathsBelow(snapshot.paths, desired.directory).length === 0;
}

/** A directory that nobody has made yet: the whole bundle, when the fleet says that the namespace is new. */
function planNew(desired: DesiredState, templates: TemplateSet): DirectoryPlan {
  if (desired.creates) {
    const plan = renderWhole(desired, templates);
    return { ...plan, lock: { ...lockInputs(desired, templates), ...lockOfWhole(desired, plan, templates) } };
  }
  const problem: Problem = {
    rule: 'bundle-directory-missing',
    severity: 'error',
    message: `${desired.repository} has no directory ${desired.directory || '(root)'}.`,
    fix: 'Correct path in fleet.yaml; for a namespace that does not exist yet, set namespaceManifest: create.',
    file: desired.directory,
  };
  return { changes: [], notes: [], conflicts: [], problems: [problem] };
}

/** DESIGN law 1, proven for each plan: whatever still wants to change was overridden by a later patch of the chain, or
 *  taken back by the next run. */
function verify(
  desired: DesiredState,
  after: Snapshot,
  plan: DirectoryPlan,
  templates: TemplateSet,
): readonly Problem[] {
  if (plan.changes.length === 0 || plan.lock === undefined) return [];
  const reading = readTrees(desired, after, rendererOf(templates));
  if (reading.value === undefined)
    throw new Error(`the plan of ${desired.target} refers to files it did not read`);
  const trees = reading.value;
  const again = planOnce(desired, after, trees, rendererOf(templates));
  const errors = again.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return errors;
  const generated = { snapshot: after, trees, lock: plan.lock };
  const next = regenerate(desired, generated, templates, { restore: false }).value;
  if (next === undefined) throw new Error(`the plan of ${desired.target} refers to files it did not read`);
  const [change] = next.changes;
  if (change !== undefined) return [unstable(change.path, 'the next run would change it again', trees)];
  const told = new Set(plan.problems.map(({ message }) => message));
  const left = drift(again).filter(({ message }) => !told.has(message));
  const [first] = left;
  return first === undefined ? [] : [unstable(first.file, first.what, trees)];
}

function unstable(file: string, what: string, trees: DirectoryTrees): Problem {
  const touch = trees.own.manifests.flatMap(({ touches }) => touches).at(-1);
  return {
    rule: 'bundle-not-stable',
    severity: 'error',
    message: `The change would have no effect: a later patch or replacement in the build overrides it (${what}).`,
    fix: 'Change that patch or replacement, or make the change there by hand.',
    ...(touch?.by ?? { file, line: 1, column: 1 }),
  };
}
