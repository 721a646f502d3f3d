import type { TemplateSet } from '../model/bundle.ts';
import type { DirectoryLock } from '../model/lock.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import { isBelow } from '../model/repo-path.ts';
import { withChanges, type Snapshot } from '../model/snapshot.ts';
import type { DirectoryPlan, Planning, PlanOptions } from './directory-plan.ts';
import { lockInputs } from './lock.ts';
import { deviations, planOnce } from './once.ts';
import { lockMissing } from './read-locks.ts';
import { readTrees, type Trees } from './reading.ts';
import { regenerate } from './regenerate.ts';
import { lockOfWhole, renderWhole } from './render-whole.ts';
import { rendererOf } from './templates.ts';
import type { Wish } from './wish.ts';

/** What the repository's files must become for the wish to hold. Pure; with an error among the problems there are no
 *  changes. Planning again on the result gives nothing (checked here before the plan is given out).
 *  @param snapshot  with as many files read as are known; ask again with the files of `needs`
 *  @param lock  what was generated last; undefined: nothing, so what is there belongs to people */
export function planDirectory(
  wish: Wish,
  snapshot: Snapshot,
  templates: TemplateSet,
  lock: DirectoryLock | undefined,
  options: PlanOptions,
): Planning {
  const renderer = rendererOf(templates);
  const reading = readTrees(wish, snapshot, renderer);
  if (reading.trees === undefined) return { needs: reading.needs };
  const planning = isMissing(wish, snapshot)
    ? { needs: [] as const, plan: planNew(wish, templates) }
    : lock === undefined
      ? { needs: [] as const, plan: planFirst(wish, snapshot, templates, reading.trees) }
      : regenerate(wish, { snapshot, trees: reading.trees, lock }, templates, options);
  const { plan } = planning;
  if (plan === undefined) return planning;
  if (hasErrors(plan.problems)) return { needs: [], plan: withoutChanges(plan, plan.problems) };
  const unstable = verify(wish, withChanges(snapshot, plan.changes), plan, templates);
  if (unstable.length > 0) return { needs: [], plan: withoutChanges(plan, [...plan.problems, ...unstable]) };
  return { needs: [], plan };
}

function withoutChanges(plan: DirectoryPlan, problems: readonly Problem[]): DirectoryPlan {
  return { ...plan, changes: [], notes: [], conflicts: [], problems };
}

function planFirst(wish: Wish, snapshot: Snapshot, templates: TemplateSet, trees: Trees): DirectoryPlan {
  const { files, edits, ...plan } = planOnce(wish, snapshot, trees, rendererOf(templates));
  const missing = lockMissing(wish, snapshot, templates);
  const problems = missing === undefined ? plan.problems : [...plan.problems, missing];
  return { ...plan, problems, conflicts: [], lock: { ...lockInputs(wish, templates), files, edits } };
}

function isMissing(wish: Wish, snapshot: Snapshot): boolean {
  for (const path of snapshot.paths) if (isBelow(path, wish.directory)) return false;
  return true;
}

/** A directory that nobody has made yet: the whole bundle, when the fleet says that the namespace is new. */
function planNew(wish: Wish, templates: TemplateSet): DirectoryPlan {
  if (wish.creates) {
    const plan = renderWhole(wish, templates);
    return { ...plan, lock: { ...lockInputs(wish, templates), ...lockOfWhole(wish, plan, templates) } };
  }
  const problem: Problem = {
    rule: 'bundle-directory-missing',
    severity: 'error',
    message: `${wish.repository} has no directory ${wish.directory || '(root)'}.`,
    fix: 'Correct path in fleet.yaml; for a namespace that does not exist yet, set namespaceManifest: create.',
    file: wish.directory,
  };
  return { changes: [], notes: [], conflicts: [], problems: [problem] };
}

/** DESIGN law 1, proven for each plan: whatever still wants to change was overridden by a later patch of the chain, or
 *  taken back by the next run. */
function verify(
  wish: Wish,
  after: Snapshot,
  plan: DirectoryPlan,
  templates: TemplateSet,
): readonly Problem[] {
  if (plan.changes.length === 0 || plan.lock === undefined) return [];
  const reading = readTrees(wish, after, rendererOf(templates));
  if (reading.trees === undefined)
    throw new Error(`the plan of ${wish.target} refers to files it did not read`);
  const again = planOnce(wish, after, reading.trees, rendererOf(templates));
  const errors = again.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) return errors;
  const next = regenerate(wish, { snapshot: after, trees: reading.trees, lock: plan.lock }, templates, {
    restore: false,
  }).plan;
  if (next === undefined) throw new Error(`the plan of ${wish.target} refers to files it did not read`);
  const [change] = next.changes;
  if (change !== undefined)
    return [unstable(change.path, 'the next run would change it again', reading.trees)];
  const known = new Set(plan.problems.map(({ message }) => message));
  const left = deviations(again).filter(({ message }) => !known.has(message));
  const [first] = left;
  return first === undefined ? [] : [unstable(first.file, first.what, reading.trees)];
}

function unstable(file: string, what: string, trees: Trees): Problem {
  const touch = trees.own.manifests.flatMap(({ touches }) => touches).at(-1);
  return {
    rule: 'bundle-not-stable',
    severity: 'error',
    message: `The change would not hold: a later patch or replacement of the build overrides it (${what}).`,
    fix: 'Change that patch or replacement, or make the change there by hand.',
    ...(touch?.by ?? { file, line: 1, column: 1 }),
  };
}
