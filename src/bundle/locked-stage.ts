import type { ClusterStage, Stage, Target } from '../model/fleet.ts';
import type { TargetId } from '../model/named.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { apiVersion, isStage, lockPath, plainOf, readLock } from './lock.ts';
import { desiredStatesByLock } from './desired-states.ts';

type LockedStage = Stage | ClusterStage;

/** How far a target is, as its lock remembers it: the least of its directories, each of which the lock must know. It proves
 *  nothing to a gate.
 *  @returns problems `lock-damaged` and `lock-newer` (those of `readLock`), `lock-incomplete` */
export function lockedStage(text: string, of: Target): Outcome<LockedStage> {
  const { id: target, repository } = of;
  const file = lockPath(target);
  let known = stagesByLine(text, target);
  if (known === undefined) {
    // Nothing that `printLock` wrote; whoever formatted it again has not damaged it.
    const lock = readLock(text, file, target);
    if (!lock.ok) return failure(...lock.problems.map((problem) => ({ ...problem, repository })));
    known = new Map(lock.value.directories.map(({ directory, stage }) => [directory, stage]));
  }
  const stages = known;
  const missing = desiredStatesByLock(of)
    .get(target)
    ?.find(({ directory }) => !stages.has(directory))?.directory;
  if (missing !== undefined || stages.size === 0)
    return failure({
      rule: 'lock-incomplete',
      severity: 'error',
      message: `The lock of ${target} does not cover ${missing === '' ? 'the root' : (missing ?? 'any directory')}, so its stage there is unknown.`,
      fix: `Run meshwright open ${target} and merge its pull request, or restore the lock from git.`,
      repository,
      file,
      line: 1,
      column: 1,
    });
  const least = (['outside', 'joined', 'permissive', 'enforced', 'strict'] as const).find((stage) =>
    [...stages.values()].includes(stage),
  );
  return success(least ?? 'outside');
}

/** Looks at the lines that `printLock` writes and reads nothing else, so that thousands of locks cost next to nothing.
 *  @returns undefined: some line is not one of its */
function stagesByLine(text: string, target: TargetId): Map<string, LockedStage> | undefined {
  const lines = text.split('\n');
  const top = lines.filter((line) => line !== '' && !line.startsWith(' ') && !line.startsWith('#'));
  if (top.join('\n') !== `apiVersion: ${apiVersion}\nkind: Lock\nmetadata:\ndirectories:`) return undefined;
  const found = new Map<string, LockedStage>();
  let names = 0;
  let path: string | undefined;
  let seen = '';
  const isWhole = () => path === undefined || seen === 'stage templates digest inputs';
  for (const line of lines) {
    const [, isName, name, directory, key, value] =
      /^(?: {2}(name): (.*)| {2}- path: (.*)| {4}(stage|templates|digest|inputs):(?: (.*))?)$/.exec(line) ??
      [];
    if (isName !== undefined) {
      names++;
      if (plainOf(name ?? '') !== target) return undefined;
    } else if (directory !== undefined) {
      if (!isWhole()) return undefined;
      path = plainOf(directory);
      seen = '';
    } else if (key !== undefined) {
      seen = seen === '' ? key : `${seen} ${key}`;
      if (key === 'digest' && !/^[0-9a-f]{32}$/.test(plainOf(value ?? ''))) return undefined;
      if (key !== 'stage') continue;
      const stage = plainOf(value ?? '');
      if (path === undefined || found.has(path) || !isStage(stage)) return undefined;
      found.set(path, stage);
    }
  }
  return names === 1 && isWhole() ? found : undefined;
}
