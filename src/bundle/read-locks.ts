import type { TemplateSet } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import type { Lock } from '../model/lock.ts';
import type { RepoPath, TargetId } from '../model/named.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { baseName } from '../model/repo-path.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { followLock, foundAt } from './follow-lock.ts';
import { lockPath, readLock } from './lock.ts';
import { ownedPaths } from './reading.ts';
import { rendererOf } from './templates.ts';
import type { DesiredState } from './desired-state.ts';
import { desiredStatesByLock, desiredStatesOf } from './desired-states.ts';

export interface LockReading {
  /** By id; what has none was never generated. */
  readonly locks: Outcome<ReadonlyMap<TargetId, Lock>>;
  /** What moved since the locks were written: `directory: deploy/lab → apps/lab`. */
  readonly moves: readonly string[];
  /** Locks under an earlier name of the target, which those above replace. */
  readonly replaced: readonly RepoPath[];
}

/** The locks of a target as they apply to the repository now, as far as the snapshot shows them: renamed with the target,
 *  and moved with its directories.
 *  @param fleetLocks  every lock the fleet accounts for; undefined: nothing is known of other targets, so no lock is taken
 *  over
 *  @returns problems of `readLock` and of `followLock` */
export function readTargetLocks(
  target: Target,
  snapshot: Snapshot,
  fleetLocks?: ReadonlySet<TargetId>,
): Reading<LockReading> {
  const needs: RepoPath[] = [];
  const locks = new Map<TargetId, Lock>();
  const replaced: RepoPath[] = [];
  const moves: string[] = [];
  const problems: Problem[] = [];
  for (const [id, desiredStates] of desiredStatesByLock(target)) {
    const own = lockIn(snapshot, id);
    needs.push(...own.needs);
    if (own.lock?.ok === false) return known({ locks: own.lock, moves, replaced });
    const taken =
      own.lock === undefined && own.needs.length === 0
        ? takenOver(id, desiredStates, snapshot, fleetLocks)
        : undefined;
    needs.push(...(taken?.needs ?? []));
    problems.push(...(taken?.problems ?? []));
    const lock = own.lock?.value ?? taken?.lock;
    if (lock === undefined) continue;
    if (taken?.lock !== undefined) {
      replaced.push(lockPath(taken.lock.target));
      moves.push(`target: ${taken.lock.target} → ${id}`);
    }
    const followed = followLock({ ...lock, target: id }, desiredStates, snapshot);
    needs.push(...followed.needs);
    problems.push(...followed.problems);
    moves.push(...followed.moves.map(({ from, to }) => `directory: ${from || '.'} → ${to || '.'}`));
    locks.set(id, followed.lock);
  }
  if (needs.length > 0) return { needs: [...new Set(needs)] };
  return known({ locks: problems.length > 0 ? failure(...problems) : success(locks), moves, replaced });
}

function lockIn(
  snapshot: Snapshot,
  id: TargetId,
): { readonly lock?: Outcome<Lock>; readonly needs: readonly RepoPath[] } {
  const path = lockPath(id);
  const text = snapshot.files.get(path);
  if (text !== undefined) return { lock: readLock(text, path, id), needs: [] };
  if (snapshot.unreadable.has(path))
    return {
      lock: failure({
        rule: 'lock-damaged',
        severity: 'error',
        message: "The lock can't be read: it is not text.",
        fix: 'Restore it from git (git log shows its last good version).',
        file: path,
      }),
      needs: [],
    };
  return { needs: snapshot.paths.has(path) ? [path] : [] };
}

interface TakenOver {
  readonly lock?: Lock;
  readonly needs: readonly RepoPath[];
  readonly problems: readonly Problem[];
}

/** The lock of a target that the fleet no longer has, and whose directories this one has now: it was renamed. */
function takenOver(
  id: TargetId,
  desiredStates: readonly DesiredState[],
  snapshot: Snapshot,
  fleetLocks: ReadonlySet<TargetId> | undefined,
): TakenOver {
  const needs: RepoPath[] = [];
  const found: { lock: Lock; score: number }[] = [];
  const orphans = fleetLocks === undefined ? [] : orphanedLocks(snapshot, fleetLocks);
  for (const orphan of orphans.filter((each) => kindOf(each) === kindOf(id))) {
    const { lock, needs: more } = lockIn(snapshot, orphan);
    needs.push(...more);
    if (lock?.ok !== true) continue;
    let score = 0;
    for (const part of lock.value.directories) {
      if (desiredStates.some(({ directory }) => directory === part.directory))
        score += 1000 + part.files.length;
      else
        for (const { directory } of desiredStates) {
          const at = foundAt(part, directory, snapshot);
          needs.push(...at.needs);
          score += at.count;
        }
    }
    if (score > 0) found.push({ lock: lock.value, score });
  }
  if (needs.length > 0) return { needs, problems: [] };
  const most = Math.max(0, ...found.map(({ score }) => score));
  const [best, ...others] = found.filter(({ score }) => score === most);
  if (best === undefined) return { needs: [], problems: [] };
  if (others.length === 0) return { lock: best.lock, needs: [], problems: [] };
  const names = [best, ...others].map(({ lock }) => lock.target).join(', ');
  const problem: Problem = {
    rule: 'lock-not-followed',
    severity: 'error',
    message: `${id} has no lock, and its directory may hold files generated for several targets that are no longer in the fleet: ${names}.`,
    fix: `Rename the right lock to ${lockPath(id)}, change its metadata.name to match, and remove the other locks.`,
    file: lockPath(best.lock.target),
  };
  return { needs: [], problems: [problem] };
}

/** `cluster` and `mesh` for the locks of a cluster; empty for that of a namespace. */
function kindOf(id: TargetId): string {
  return id.includes('/') ? (id.split('/')[0] ?? '') : '';
}

/** Locks in a repository that no target of the fleet accounts for. */
export function orphanedLocks({ paths }: Snapshot, fleetLocks: ReadonlySet<TargetId>): readonly TargetId[] {
  return [...paths]
    .flatMap((path) => /^\.meshwright\/([^\0]+)\.lock\.yaml$/.exec(path)?.[1] ?? [])
    .map((id) => id as TargetId)
    .filter((id) => !fleetLocks.has(id))
    .sort();
}

/** What an orphaned lock still stands for.
 *  @param text  of the lock; undefined: it can't be read */
export function orphanProblem(id: TargetId, text: string | undefined, { paths }: Snapshot): Problem {
  const file = lockPath(id);
  const lock = text === undefined ? undefined : readLock(text, file, id);
  const generated = lock?.ok === true ? lock.value.directories.flatMap(({ files }) => files) : [];
  const left = generated.map(({ path }) => path).filter((path) => paths.has(path));
  const isKnown = lock?.ok === true;
  if (isKnown && left.length === 0)
    return {
      rule: 'lock-orphaned',
      severity: 'info',
      message: `${id} is not in the fleet, and only its lock is left.`,
      fix: `Remove ${file}.`,
      file,
    };
  const rest = left.length > 1 ? ` and ${String(left.length - 1)} more` : '';
  const what = isKnown
    ? `${left[0] ?? ''}${rest}`
    : 'its lock can’t be read, so what was generated is unknown';
  return {
    rule: 'lock-orphaned',
    severity: 'warning',
    message: `${id} is no longer in the fleet, but what Meshwright generated for it stays in force: ${what}.`,
    fix: `Put ${id} back into fleet.yaml and use meshwright rollback, or remove these files, the references to them and ${file}.`,
    file,
  };
}

/** A target without a lock whose directory has files that only Meshwright names so: they would count as people's own, and
 *  what the fleet dropped from them would stay in force. */
export function lockMissing(
  desired: DesiredState,
  snapshot: Snapshot,
  templates: TemplateSet,
): Problem | undefined {
  const found = ownedPaths(desired, rendererOf(templates)).filter(
    (path) => snapshot.paths.has(path) && /^(?:[a-z0-9-]+-)?istio-/.test(baseName(path)),
  );
  const [first] = found;
  if (first === undefined) return undefined;
  const rest = found.length > 1 ? ` and ${String(found.length - 1)} more` : '';
  return {
    rule: 'lock-missing',
    severity: 'warning',
    message: `There is no lock for ${desired.lock}, but ${first}${rest} may have been generated. Without a lock they count as hand-written, and callers that the fleet dropped stay allowed.`,
    fix: `If the lock was deleted, restore it from git (git log --diff-filter=D -- ${lockPath(desired.lock)}); otherwise review these files.`,
    file: first,
  };
}

/** The same for all directories of a target. */
export function missingLocks(target: Target, snapshot: Snapshot, templates: TemplateSet): readonly Problem[] {
  return desiredStatesOf(target).flatMap((desired) => lockMissing(desired, snapshot, templates) ?? []);
}
