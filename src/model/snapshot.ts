import type { RepoPath } from './named.ts';
import { changedPaths } from './paths.ts';

/** What a repository holds at one commit. Immutable; reading more files makes a new snapshot. */
export interface Snapshot {
  /** Every regular file of the commit. */
  readonly paths: ReadonlySet<RepoPath>;
  /** Symbolic links and submodules: never followed, never overwritten. */
  readonly links: ReadonlySet<RepoPath>;
  /** The text of the files read so far; a file that is not valid UTF-8 is in `unreadable`. */
  readonly files: ReadonlyMap<RepoPath, string>;
  readonly unreadable: ReadonlySet<RepoPath>;
  /** Those of `unreadable` that may well be text, but more of it than is read. */
  readonly tooLarge?: ReadonlySet<RepoPath>;
}

export const emptySnapshot: Snapshot = {
  paths: new Set(),
  links: new Set(),
  files: new Map(),
  unreadable: new Set(),
};

/** An answer about a snapshot, or the files whose texts it takes to give it. */
export type Reading<T> =
  | { readonly needs: readonly RepoPath[]; readonly value?: never }
  | { readonly needs: readonly []; readonly value: T };

/** An answer that needs no more files. */
export function known<T>(value: T): { readonly needs: readonly []; readonly value: T } {
  return { needs: [], value };
}

/** What reading some paths gave: their texts, and those whose bytes are not text. */
export interface ReadFiles {
  readonly files: ReadonlyMap<RepoPath, string>;
  readonly unreadable: ReadonlySet<RepoPath>;
  /** Those of `unreadable` that are longer than a file may be. */
  readonly tooLarge?: ReadonlySet<RepoPath>;
}

export function withFiles(snapshot: Snapshot, read: ReadFiles): Snapshot {
  return {
    ...snapshot,
    files: new Map([...snapshot.files, ...read.files]),
    unreadable: new Set([...snapshot.unreadable, ...read.unreadable]),
    ...((snapshot.tooLarge ?? read.tooLarge) !== undefined && {
      tooLarge: new Set([...(snapshot.tooLarge ?? []), ...(read.tooLarge ?? [])]),
    }),
  };
}

/** The snapshot after `changes`, as if committed; the very same where they change nothing. */
export function withChanges(snapshot: Snapshot, changes: readonly FileChange[]): Snapshot {
  const due = changes.filter(
    ({ path, after }) =>
      snapshot.paths.has(path) !== (after !== undefined) || snapshot.files.get(path) !== after,
  );
  if (due.length === 0) return snapshot;
  const files = new Map(snapshot.files);
  for (const { path, after } of due)
    if (after === undefined) files.delete(path);
    else files.set(path, after);
  const come = due.filter(({ after }) => after !== undefined).map(({ path }) => path);
  const gone = due.filter(({ after }) => after === undefined).map(({ path }) => path);
  return { ...snapshot, paths: changedPaths(snapshot.paths, come, gone), files };
}

/** One file of a bundle. */
export interface FileChange {
  readonly path: RepoPath;
  /** undefined: the file is new. */
  readonly before: string | undefined;
  /** undefined: the file goes. */
  readonly after: string | undefined;
}
