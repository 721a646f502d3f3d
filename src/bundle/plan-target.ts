import type { Bundle, BundleNote, PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { NamespaceSpec, Target } from '../model/fleet.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import type { DirectoryLock, Lock } from '../model/lock.ts';
import type { Conflict } from '../model/merge.ts';
import { hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import { withChanges, type FileChange, type Snapshot } from '../model/snapshot.ts';
import { planNamespaceFile } from './namespace-file.ts';
import { conflictProblem } from './conflict.ts';
import { lockAttributes, lockPath, printLock, readLock } from './lock.ts';
import { planDirectory, type DirectoryPlan, type Planning, type PlanOptions } from './plan.ts';
import { renderWhole } from './render-whole.ts';

/** The repositories that one target's bundles change: its own first, then that of a Namespace manifest kept elsewhere. */
export function repositoriesOf(target: Target): readonly RepositoryId[] {
  const elsewhere = target.specs.flatMap(({ namespaceManifest }) =>
    namespaceManifest.kind === 'file' ? [namespaceManifest.repository] : [],
  );
  return [...new Set([target.repository, ...elsewhere])];
}

export type TargetPlanning =
  | { readonly needs: readonly RepoPath[]; readonly bundle?: never }
  | { readonly needs: readonly []; readonly bundle: Bundle };

/** What one target changes in one of its repositories.
 *  @param snapshot  of `repository`; ask again with the files of `needs` read */
export function planBundle(
  target: Target,
  repository: RepositoryId,
  snapshot: Snapshot,
  templates: TemplateSet,
  options: PlanOptions = { restore: false },
): TargetPlanning {
  const reading = readTargetLock(target, snapshot);
  if (reading.needs.length > 0) return { needs: reading.needs };
  if (!reading.lock.ok) return { needs: [], bundle: bundleOf(target, repository, reading.lock) };
  let now = snapshot;
  const gathered = new Gathered();
  for (const spec of target.specs) {
    const known = reading.lock.value?.directories.find(({ directory }) => directory === spec.directory);
    for (const planning of plans(spec, repository, known, options)) {
      const { needs, plan } = planning(now, templates);
      if (plan === undefined) return { needs };
      gathered.add(plan);
      now = withChanges(now, plan.changes);
    }
  }
  gathered.lock(target, snapshot);
  return { needs: [], bundle: bundleOf(target, repository, gathered) };
}

/** The lock of a target, as far as the snapshot shows it. */
export function readTargetLock(
  target: Target,
  snapshot: Snapshot,
): { readonly needs: readonly RepoPath[]; readonly lock: Outcome<Lock | undefined> } {
  const path = lockPath(target.id);
  const text = snapshot.files.get(path);
  if (text !== undefined) return { needs: [], lock: readLock(text, path, target.id) };
  const isUnread = snapshot.paths.has(path) && !snapshot.unreadable.has(path);
  return { needs: isUnread ? [path] : [], lock: success(undefined) };
}

/** The plans of a target's directories, put together. */
class Gathered {
  readonly changes = new Map<RepoPath, FileChange>();
  readonly notes: BundleNote[] = [];
  readonly conflicts: Conflict[] = [];
  readonly problems: Problem[] = [];
  readonly #locks: DirectoryLock[] = [];

  add(plan: DirectoryPlan): void {
    for (const change of plan.changes) {
      const known = this.changes.get(change.path);
      this.changes.set(change.path, known === undefined ? change : { ...change, before: known.before });
    }
    this.notes.push(...plan.notes);
    this.conflicts.push(...plan.conflicts);
    this.problems.push(...plan.problems);
    if (plan.lock !== undefined) this.#locks.push(plan.lock);
  }

  /** The lock goes with the changes it explains; alone it would be noise. */
  lock(target: Target, snapshot: Snapshot): void {
    if (this.changes.size === 0 || this.#locks.length === 0) return;
    const path = lockPath(target.id);
    if (snapshot.links.has(path)) {
      this.problems.push({
        rule: 'bundle-link-in-the-way',
        severity: 'error',
        message: `${path} is a symbolic link or a submodule; nothing is written through it.`,
        fix: 'Replace it by a file, or remove it.',
        file: path,
      });
      return;
    }
    const text = printLock({ target: target.id, directories: this.#locks });
    this.#write(path, text, snapshot);
    const { path: attributes } = lockAttributes;
    if (!snapshot.paths.has(attributes) && !snapshot.links.has(attributes))
      this.#write(attributes, lockAttributes.text, snapshot);
  }

  #write(path: RepoPath, after: string, snapshot: Snapshot): void {
    const before = snapshot.files.get(path);
    if (before !== after) this.changes.set(path, { path, before, after });
  }
}

function bundleOf(
  target: Target,
  repository: RepositoryId,
  found: { readonly problems: readonly Problem[] } & Partial<
    Pick<Gathered, 'changes' | 'notes' | 'conflicts'>
  >,
): Bundle {
  const isRefused = hasErrors(found.problems);
  const conflicts = isRefused ? [] : (found.conflicts ?? []);
  const problems = [...found.problems, ...conflicts.map(conflictProblem)];
  return {
    target: target.id,
    repository,
    changes: isRefused ? [] : [...(found.changes?.values() ?? [])],
    notes: isRefused ? [] : unique(found.notes ?? []),
    conflicts,
    problems: unique(problems).map((problem) =>
      isOfRepository(problem) ? { ...problem, repository } : problem,
    ),
  };
}

function isOfRepository(problem: Problem): boolean {
  return problem.file !== undefined && !problem.rule.startsWith('template-');
}

type Plan = (snapshot: Snapshot, templates: TemplateSet) => Planning;

function plans(
  spec: NamespaceSpec,
  repository: RepositoryId,
  lock: DirectoryLock | undefined,
  options: PlanOptions,
): readonly Plan[] {
  const found: Plan[] = [];
  if (spec.repository === repository)
    found.push((snapshot, templates) => planDirectory(spec, snapshot, templates, lock, options));
  const { namespaceManifest } = spec;
  if (namespaceManifest.kind === 'file' && namespaceManifest.repository === repository)
    found.push((snapshot) => planNamespaceFile(spec, namespaceManifest.path, snapshot));
  return found;
}

/** The whole bundle of a target without looking at any repository. */
export function renderTarget(target: Target, templates: TemplateSet): PlannedTarget {
  const plan = merged(target.specs.map((spec) => renderWhole(spec, templates)));
  const bundle: Bundle = { target: target.id, repository: target.repository, ...plan };
  return plannedTarget(target, [bundle]);
}

export function plannedTarget(
  target: Target,
  bundles: readonly Bundle[],
  extra: readonly Problem[] = [],
): PlannedTarget {
  return { target: target.id, bundles, problems: [...extra, ...bundles.flatMap(({ problems }) => problems)] };
}

function merged(parts: readonly DirectoryPlan[]): DirectoryPlan {
  return {
    changes: parts.flatMap(({ changes }) => changes),
    notes: parts.flatMap(({ notes }) => notes),
    conflicts: [],
    problems: unique(parts.flatMap(({ problems }) => problems)),
  };
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
