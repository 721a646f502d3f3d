import type { RepoPath } from './named.ts';
import { isBelow } from './repo-path.ts';

/** The paths of a commit with some of them added or taken away, without a copy of them all. */
class ChangedPaths implements ReadonlySet<RepoPath> {
  readonly base: ReadonlySet<RepoPath>;
  readonly added: ReadonlySet<RepoPath>;
  readonly removed: ReadonlySet<RepoPath>;
  readonly size: number;

  constructor(base: ReadonlySet<RepoPath>, added: ReadonlySet<RepoPath>, removed: ReadonlySet<RepoPath>) {
    this.base = base;
    this.added = added;
    this.removed = removed;
    this.size = base.size + added.size - removed.size;
  }

  has(path: RepoPath): boolean {
    return this.added.has(path) || (this.base.has(path) && !this.removed.has(path));
  }

  *values(): SetIterator<RepoPath> {
    for (const path of this.base) if (!this.removed.has(path)) yield path;
    yield* this.added;
    return undefined;
  }

  [Symbol.iterator](): SetIterator<RepoPath> {
    return this.values();
  }

  keys(): SetIterator<RepoPath> {
    return this.values();
  }

  *entries(): SetIterator<[RepoPath, RepoPath]> {
    for (const path of this) yield [path, path];
    return undefined;
  }

  forEach(look: (path: RepoPath, again: RepoPath, set: ReadonlySet<RepoPath>) => void): void {
    for (const path of this) look(path, path, this);
  }
}

/** States of a commit that were met last, by what differs from it: the same changes give the same set, so that what is
 *  remembered by the set is found again. */
const states = new WeakMap<ReadonlySet<RepoPath>, Map<string, ChangedPaths>>();
const maxStates = 64;

/** A set of paths after some came and some went.
 *  @returns the very set it began with when nothing is left of the changes */
export function changedPaths(
  paths: ReadonlySet<RepoPath>,
  come: readonly RepoPath[],
  gone: readonly RepoPath[],
): ReadonlySet<RepoPath> {
  const isChanged = paths instanceof ChangedPaths;
  const base = isChanged ? paths.base : paths;
  const added = new Set(isChanged ? paths.added : []);
  const removed = new Set(isChanged ? paths.removed : []);
  for (const path of gone) {
    added.delete(path);
    if (base.has(path)) removed.add(path);
  }
  for (const path of come) {
    removed.delete(path);
    if (!base.has(path)) added.add(path);
  }
  if (added.size === 0 && removed.size === 0) return base;
  const key = JSON.stringify([[...added].sort(), [...removed].sort()]);
  const known = states.get(base) ?? new Map<string, ChangedPaths>();
  states.set(base, known);
  const found = known.get(key) ?? new ChangedPaths(base, added, removed);
  // The one that was not met for longest goes first.
  known.delete(key);
  known.set(key, found);
  const [oldest] = known.keys();
  if (known.size > maxStates && oldest !== undefined) known.delete(oldest);
  return found;
}

const sorted = new WeakMap<ReadonlySet<RepoPath>, readonly RepoPath[]>();

function inOrder(paths: ReadonlySet<RepoPath>): readonly RepoPath[] {
  const known = sorted.get(paths) ?? [...paths].sort();
  sorted.set(paths, known);
  return known;
}

/** The paths in a directory and below it, in the order of their code units. Its time grows with what it finds, not with the
 *  repository. */
export function pathsBelow(paths: ReadonlySet<RepoPath>, directory: RepoPath): readonly RepoPath[] {
  if (!(paths instanceof ChangedPaths))
    return directory === '' ? inOrder(paths) : within(inOrder(paths), directory);
  const { base, added, removed } = paths;
  const kept = pathsBelow(base, directory).filter((path) => !removed.has(path));
  const more = [...added].filter((path) => isBelow(path, directory));
  return more.length === 0 ? kept : [...kept, ...more].sort();
}

function within(paths: readonly RepoPath[], directory: RepoPath): readonly RepoPath[] {
  const found: RepoPath[] = [];
  const prefix = `${directory}/`;
  const exact = paths[firstFrom(paths, directory)];
  if (exact === directory) found.push(exact);
  for (let index = firstFrom(paths, prefix); index < paths.length; index++) {
    const path = paths[index];
    if (path?.startsWith(prefix) !== true) break;
    found.push(path);
  }
  return found;
}

/** Where a text would stand in a list in order. */
function firstFrom(paths: readonly string[], text: string): number {
  let [low, high] = [0, paths.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((paths[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
