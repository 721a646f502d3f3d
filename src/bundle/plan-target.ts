import type { Bundle, BundleNote, PlannedTarget, TemplateSet } from '../model/bundle.ts';
import type { ClusterTarget, Target } from '../model/fleet.ts';
import { stringAt } from '../model/json.ts';
import type { RepoPath, RepositoryId, TargetId } from '../model/named.ts';
import type { DirectoryLock, Lock } from '../model/lock.ts';
import type { Conflict } from '../model/merge.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import { known, withChanges, type FileChange, type Reading, type Snapshot } from '../model/snapshot.ts';
import { planNamespaceFile } from './namespace-file.ts';
import { conflictProblem } from './conflict.ts';
import { lockAttributes, lockPath, printLock } from './lock.ts';
import type { DirectoryPlan, PlanOptions } from './directory-plan.ts';
import { planDirectory } from './plan.ts';
import { neighbourProblems } from './cluster-neighbours.ts';
import { unknownVariables } from './cluster-variables.ts';
import { readTargetLocks, type LockReading } from './read-locks.ts';
import { renderWhole } from './render-whole.ts';
import type { DesiredState } from './desired-state.ts';
import { desiredStatesOf } from './desired-states.ts';

/** The repositories that one target's bundles change: its own first, then that of a Namespace manifest kept elsewhere. */
export function repositoriesOf(target: Target): readonly RepositoryId[] {
  if (target.kind === 'cluster') return [target.repository];
  const elsewhere = target.specs.flatMap(({ namespaceManifest }) =>
    namespaceManifest.kind === 'file' ? [namespaceManifest.repository] : [],
  );
  return [...new Set([target.repository, ...elsewhere])];
}

/** What one target changes in one of its repositories.
 *  @param snapshot  of `repository`; ask again with the files of `needs` read */
export function planBundle(
  target: Target,
  repository: RepositoryId,
  snapshot: Snapshot,
  templates: TemplateSet,
  options: PlanOptions = { restore: false },
): Reading<Bundle> {
  const locking = readTargetLocks(target, snapshot, options.fleetLocks);
  if (locking.value === undefined) return locking;
  const reading = locking.value;
  if (!reading.locks.ok) return known(bundleOf(target, repository, reading.locks));
  let now = snapshot;
  const gathered = new MergedPlan();
  for (const { desired, plan: planning } of plans(target, repository, reading.locks.value, options)) {
    const planned = planning(now, templates);
    if (planned.value === undefined) return planned;
    gathered.add(planned.value, desired?.lock);
    now = withChanges(now, planned.value.changes);
  }
  if (target.kind === 'cluster') {
    const { spec } = target;
    const locked = reading.locks.value
      .get(target.id)
      ?.directories.find(({ directory }) => directory === spec.directory);
    if (spec.stage === 'strict' && locked?.stage !== 'strict')
      gathered.problems.push(strictProblem(spec.cluster));
    gathered.problems.push(...renamedRevision(target, reading.locks.value));
    for (const look of [unknownVariables, neighbourProblems]) {
      const found = look(target.spec, now);
      if (found.value === undefined) return found;
      gathered.problems.push(...found.value);
    }
  }
  gathered.lock(snapshot, reading);
  return known(bundleOf(target, repository, gathered));
}

/** The rule that says: STRICT is turned on through its gate only. */
export const needsGate = 'strict-needs-gate';

/** A release under another revision takes away the istiod that running proxies are connected to.
 *  @see https://istio.io/latest/docs/setup/upgrade/canary/ */
function renamedRevision({ spec }: ClusterTarget, locks: ReadonlyMap<TargetId, Lock>): readonly Problem[] {
  const now = spec.controlPlane.revision;
  return [...locks.values()].flatMap(({ directories }) =>
    directories.flatMap(({ inputs }) => {
      const then = stringAt(inputs, 'controlPlane', 'revision') ?? now;
      if (then === now) return [];
      return {
        rule: 'cluster-revision-renamed',
        severity: 'error' as const,
        message: `The control plane of ${spec.cluster} has revision "${then}", but the fleet says "${now}": this would remove the istiod that running proxies are connected to.`,
        fix: `Keep controlPlaneRevision: ${then}; it stays the same across versions. To use another name, first install that istiod beside this one.`,
      };
    }),
  );
}

function strictProblem(cluster: string): Problem {
  return {
    rule: needsGate,
    severity: 'warning',
    message: `This makes every sidecar on ${cluster} refuse plaintext, and it was not checked that all callers have a sidecar.`,
    fix: `Use meshwright strict ${cluster}: it checks every namespace first.`,
  };
}

/** The plans of a target's directories, put together. */
class MergedPlan {
  readonly changes = new Map<RepoPath, FileChange>();
  readonly notes: BundleNote[] = [];
  readonly conflicts: Conflict[] = [];
  readonly problems: Problem[] = [];
  readonly #locks = new Map<TargetId, DirectoryLock[]>();

  add(plan: DirectoryPlan, lock: TargetId | undefined): void {
    for (const change of plan.changes) {
      const earlier = this.changes.get(change.path);
      this.changes.set(change.path, earlier === undefined ? change : { ...change, before: earlier.before });
    }
    this.notes.push(...plan.notes);
    this.conflicts.push(...plan.conflicts);
    this.problems.push(...plan.problems);
    if (plan.lock !== undefined && lock !== undefined)
      this.#locks.set(lock, [...(this.#locks.get(lock) ?? []), plan.lock]);
  }

  /** The lock goes with the changes it explains; alone it would be noise, unless it follows what people moved. */
  lock(snapshot: Snapshot, { moves, replaced }: LockReading): void {
    if ((this.changes.size === 0 && moves.length === 0) || this.#locks.size === 0) return;
    for (const [id, directories] of this.#locks) {
      const path = lockPath(id);
      if (snapshot.links.has(path)) {
        this.problems.push({
          rule: 'bundle-link-in-the-way',
          severity: 'error',
          message: `${path} is a symbolic link or a submodule; nothing is written through it.`,
          fix: 'Replace it with a file, or remove it.',
          file: path,
        });
        return;
      }
      this.#write(path, printLock({ target: id, directories }), snapshot);
    }
    for (const path of replaced) {
      this.changes.set(path, { path, before: snapshot.files.get(path), after: undefined });
      this.notes.push({
        file: path,
        what: 'removes the lock under the earlier name',
        why: 'the target has another name in the fleet now',
      });
    }
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
    Pick<MergedPlan, 'changes' | 'notes' | 'conflicts'>
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

type PlanStep = (snapshot: Snapshot, templates: TemplateSet) => Reading<DirectoryPlan>;

function plans(
  target: Target,
  repository: RepositoryId,
  locks: ReadonlyMap<TargetId, Lock>,
  options: PlanOptions,
): readonly { readonly desired: DesiredState | undefined; readonly plan: PlanStep }[] {
  const lockOf = (desired: DesiredState) =>
    locks.get(desired.lock)?.directories.find(({ directory }) => directory === desired.directory);
  const own = desiredStatesOf(target)
    .filter((desired) => desired.repository === repository)
    .map((desired) => ({
      desired,
      plan: (snapshot: Snapshot, templates: TemplateSet) =>
        planDirectory(desired, snapshot, templates, lockOf(desired), options),
    }));
  const elsewhere = target.kind === 'cluster' ? [] : target.specs;
  return [
    ...own,
    ...elsewhere.flatMap((spec) => {
      const { namespaceManifest } = spec;
      if (namespaceManifest.kind !== 'file' || namespaceManifest.repository !== repository) return [];
      return [
        {
          desired: undefined,
          plan: (snapshot: Snapshot) => planNamespaceFile(spec, namespaceManifest.path, snapshot),
        },
      ];
    }),
  ];
}

/** The whole bundle of a target without looking at any repository. */
export function renderTarget(target: Target, templates: TemplateSet): PlannedTarget {
  const plan = merged(desiredStatesOf(target).map((desired) => renderWhole(desired, templates)));
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
