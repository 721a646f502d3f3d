import { alignedDocuments } from '../merge/merge.ts';
import type { DirectoryLock, Lock } from '../model/lock.ts';
import type { RepoPath } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import { baseName, directoryOf, isBelow, joinRepoPath } from '../model/repo-path.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { lockPath } from './lock.ts';
import type { DesiredState } from './desired-state.ts';

/** A lock as it applies to the repository now. */
export interface Followed {
  readonly lock: Lock;
  /** Files that must be read before it is known where the directories went. */
  readonly needs: readonly RepoPath[];
  readonly problems: readonly Problem[];
  /** Directories that are somewhere else now. */
  readonly moves: readonly { readonly from: RepoPath; readonly to: RepoPath }[];
}

/** Follows the directories of a lock to where the fleet has them now. A directory counts as moved when what was generated
 *  in it is found at its new place, as generated or edited since, and no longer at the old one.
 *  @param desired states  those that the lock remembers
 *  @returns problems `lock-left-behind`, `lock-not-followed` and `lock-directory-missing`, all errors: what the lock
 *  remembers would be forgotten, and stay in force */
export function followLock(lock: Lock, desiredStates: readonly DesiredState[], snapshot: Snapshot): Followed {
  const file = lockPath(lock.target);
  const wanted = new Set(desiredStates.map(({ directory }) => directory));
  const known = new Set(lock.directories.map(({ directory }) => directory));
  const lacks = new Set(desiredStates.filter(({ directory }) => !known.has(directory)));
  const needs: RepoPath[] = [];
  const problems: Problem[] = [];
  const moves: { from: RepoPath; to: RepoPath }[] = [];
  const directories: DirectoryLock[] = [];
  for (const part of lock.directories) {
    if (wanted.has(part.directory)) {
      directories.push(withRenamedFiles(part, snapshot));
      if (isGone(part, snapshot)) problems.push(directoryMissing(part, file, snapshot));
      continue;
    }
    const left = part.files.filter(({ path }) => snapshot.paths.has(path));
    if (left.length > 0) {
      problems.push(leftBehind(part, left[0]?.path ?? part.directory, left.length, file));
      continue;
    }
    const place = newPlace(part, [...lacks], snapshot);
    needs.push(...place.needs);
    if (place.desired !== undefined) {
      lacks.delete(place.desired);
      moves.push({ from: part.directory, to: place.desired.directory });
      directories.push(withRenamedFiles(relocated(part, place.desired.directory, snapshot), snapshot));
    } else if (part.files.length > 0 && lacks.size > 0 && place.needs.length === 0)
      problems.push(notFollowed(part, [...lacks], file));
  }
  return { lock: { ...lock, directories }, needs, problems, moves };
}

/** How many of a lock's files are where some desired states have them, as generated or edited since. */
export function foundAt(
  part: DirectoryLock,
  directory: RepoPath,
  snapshot: Snapshot,
): { readonly count: number; readonly needs: readonly RepoPath[] } {
  const needs: RepoPath[] = [];
  let count = 0;
  for (const { path, text } of part.files) {
    const now = pathIn(directory, path, part.directory);
    if (!snapshot.paths.has(now) || snapshot.unreadable.has(now)) continue;
    const ours = snapshot.files.get(now);
    if (ours === undefined) needs.push(now);
    else if (ours === text || alignedDocuments(text, ours).matched.size > 0) count++;
  }
  return { count, needs };
}

function newPlace(
  part: DirectoryLock,
  desiredStates: readonly DesiredState[],
  snapshot: Snapshot,
): { readonly desired: DesiredState | undefined; readonly needs: readonly RepoPath[] } {
  // Without a file of its own there is only one thing to go by: one directory left, one directory to come.
  if (part.files.length === 0)
    return { desired: desiredStates.length === 1 ? desiredStates[0] : undefined, needs: [] };
  const scores = desiredStates.map((desired) => ({ desired, ...foundAt(part, desired.directory, snapshot) }));
  const needs = scores.flatMap((score) => score.needs);
  if (needs.length > 0) return { desired: undefined, needs };
  const most = Math.max(0, ...scores.map(({ count }) => count));
  const best = scores.filter(({ count }) => count === most && count > 0);
  return { desired: best.length === 1 ? best[0]?.desired : undefined, needs };
}

function pathIn(directory: RepoPath, path: RepoPath, from: RepoPath): RepoPath {
  const rest = from === '' ? path : path.slice(from.length + 1);
  return joinRepoPath(directory, rest) ?? path;
}

/** The lock of a directory as if it had been generated at its new place. */
function relocated(part: DirectoryLock, to: RepoPath, snapshot: Snapshot): DirectoryLock {
  const { directory: from } = part;
  const [above, aboveNow] = withoutCommonEnd(from, to);
  const place = (path: RepoPath): RepoPath => {
    if (isBelow(path, from)) return pathIn(to, path, from);
    if (snapshot.paths.has(path) || !isBelow(path, above)) return path;
    // A base beside the overlays has moved with them.
    const moved = pathIn(aboveNow, path, above);
    return snapshot.paths.has(moved) ? moved : path;
  };
  return {
    ...part,
    directory: to,
    files: part.files.map((file) => ({ ...file, path: pathIn(to, file.path, from) })),
    edits: part.edits.map((edits) => ({ ...edits, path: place(edits.path) })),
  };
}

function withoutCommonEnd(one: RepoPath, other: RepoPath): readonly [RepoPath, RepoPath] {
  let [left, right] = [one, other];
  while (left !== '' && right !== '' && baseName(left) === baseName(right))
    [left, right] = [directoryOf(left), directoryOf(right)];
  return [left, right];
}

const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** kustomize takes its file by any of three names; people may choose another one. */
function withRenamedFiles(part: DirectoryLock, snapshot: Snapshot): DirectoryLock {
  const renamed = (path: RepoPath): RepoPath => {
    if (snapshot.paths.has(path) || !kustomizationNames.includes(baseName(path))) return path;
    const names = kustomizationNames.flatMap((name) => joinRepoPath(directoryOf(path), name) ?? []);
    return names.find((name) => snapshot.paths.has(name)) ?? path;
  };
  return { ...part, edits: part.edits.map((edits) => ({ ...edits, path: renamed(edits.path) })) };
}

function isGone({ directory, files }: DirectoryLock, snapshot: Snapshot): boolean {
  return files.length > 0 && !directoriesIn(snapshot.paths).has(directory);
}

const knownDirectories = new WeakMap<ReadonlySet<RepoPath>, ReadonlySet<string>>();

/** Every directory that has a file in or below it. */
function directoriesIn(paths: ReadonlySet<RepoPath>): ReadonlySet<string> {
  const known = knownDirectories.get(paths);
  if (known !== undefined) return known;
  const found = new Set<string>(paths.size > 0 ? [''] : []);
  for (const path of paths)
    for (let at = directoryOf(path); at !== '' && !found.has(at); at = directoryOf(at)) found.add(at);
  knownDirectories.set(paths, found);
  return found;
}

/** Whether every directory is there. */
export function haveFiles(directories: Iterable<RepoPath>, snapshot: Snapshot): boolean {
  const known = directoriesIn(snapshot.paths);
  return [...directories].every((directory) => known.has(directory));
}

function named(directory: RepoPath): string {
  return directory === '' ? 'the repository root' : directory;
}

function leftBehind(part: DirectoryLock, first: RepoPath, count: number, file: RepoPath): Problem {
  const rest = count === 1 ? '' : ` and ${String(count - 1)} more`;
  return {
    rule: 'lock-left-behind',
    severity: 'error',
    message: `The fleet no longer has ${named(part.directory)}, but what Meshwright generated there is still in the repository: ${first}${rest}. Nothing would ever update or remove it.`,
    fix: `If the directory moved, finish the move (git mv). If it is no longer used, remove these files and the references to them. If fleet.yaml is wrong, correct path there.`,
    file,
  };
}

function notFollowed(part: DirectoryLock, lacks: readonly DesiredState[], file: RepoPath): Problem {
  const now = lacks.map(({ directory }) => named(directory)).join(', ');
  return {
    rule: 'lock-not-followed',
    severity: 'error',
    message: `The lock records ${named(part.directory)}, the fleet says ${now}, and the generated files were not found there: policies for callers that the fleet dropped may still be in force.`,
    fix: `Move the generated files too (git mv), or correct path in fleet.yaml. If no generated files are left, remove ${file} to start over.`,
    file,
  };
}

function directoryMissing(part: DirectoryLock, file: RepoPath, { paths }: Snapshot): Problem {
  const names = new Set(part.files.map(({ path }) => baseName(path)));
  const found = [...paths].find((path) => names.has(baseName(path)));
  const hint = found === undefined ? '' : ` ${found} looks like part of it.`;
  return {
    rule: 'lock-directory-missing',
    severity: 'error',
    message: `What Meshwright generated in ${named(part.directory)} is gone, and so is the directory.${hint}`,
    fix: `If it moved, set path in fleet.yaml to its new place. If the application is gone, remove it from the fleet, and remove ${file}.`,
    file,
  };
}
