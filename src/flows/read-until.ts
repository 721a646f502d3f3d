import type { RepoPath } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { withFiles, type Reading, type Snapshot } from '../model/snapshot.ts';

/** A repository at a commit, with changes that nobody has written yet. */
export interface Checkout {
  readonly tree: Tree;
  /** The tree's own, or one with changes; with as many files read as are known. */
  readonly snapshot: Snapshot;
}

/** A repository as it is. */
export function checkoutOf(tree: Tree): Checkout {
  return { tree, snapshot: tree.snapshot };
}

/** What was found, and the snapshot with all that was read for it. */
export interface WithSnapshot<T> {
  readonly value: T;
  readonly snapshot: Snapshot;
}

/** Reads a repository until a look at it says what it was asked for: the loop between pure code and the files of one
 *  repository.
 *  @param look  pure; answers with the files it needs, all that it knows of, as long as some are missing
 *  @returns problems of `Tree.read`; throws when `look` asks for what it has, which is a bug of it */
export async function readUntil<T>(
  { tree, snapshot }: Checkout,
  look: (snapshot: Snapshot) => Reading<T>,
): Promise<Outcome<WithSnapshot<T>>> {
  let now = snapshot;
  for (;;) {
    const reading = look(now);
    if (reading.value !== undefined) return success({ value: reading.value, snapshot: now });
    const more = await readMissing({ tree, snapshot: now }, reading.needs);
    if (!more.ok) return more;
    if (more.value === now) throw new Error(`asks for files that it has: ${reading.needs.join(', ')}`);
    now = more.value;
  }
}

/** The snapshot with the texts of these files; the very same when all are known. */
export async function readMissing(
  { tree, snapshot }: Checkout,
  paths: readonly RepoPath[],
): Promise<Outcome<Snapshot>> {
  const missing = paths.filter((path) => !snapshot.files.has(path) && !snapshot.unreadable.has(path));
  if (missing.length === 0) return success(snapshot);
  const read = await tree.read(missing);
  return read.ok ? success(withFiles(snapshot, read.value)) : read;
}
