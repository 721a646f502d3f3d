import { sameValue } from '../model/same-value.ts';
import type { RepoPath } from '../model/named.ts';
import type { PathChange } from '../model/ports.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import type { FileChange, Snapshot } from '../model/snapshot.ts';
import { commentsIn } from '../yaml/comments.ts';
import { documentValues } from '../yaml/documents.ts';

const plainFile = '100644';

/** Whether a changed path is a file as Meshwright would leave it: a plain file when new, with the mode that it had, or gone.
 *  Links, submodules, changed modes and names that no plan can have are not. */
export function isOrdinary({ path, modeBefore, modeAfter }: PathChange): boolean {
  if (parseRepoPath(path) !== path) return false;
  const isFile = (mode: string | undefined) => mode === undefined || mode.startsWith('100');
  return isFile(modeBefore) && (modeAfter === undefined || modeAfter === (modeBefore ?? plainFile));
}

/** Whether what a tree changes is what a plan wants changed, no less and no more: the same paths, modes and bytes.
 *  @param to  the changed tree, with the texts of the plan's paths read */
export function holdsJust(
  changed: readonly PathChange[],
  to: Snapshot,
  wanted: readonly FileChange[],
): boolean {
  if (changed.length !== wanted.length || !changed.every(isOrdinary)) return false;
  const paths = new Set<string>(changed.map(({ path }) => path));
  return wanted.every(
    ({ path, after }) =>
      paths.has(path) && to.paths.has(path) === (after !== undefined) && to.files.get(path) === after,
  );
}

/** Whether two texts are the same but for how they are laid out: equal values, equal comments. undefined: no file. */
export function sameContent(one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  const [values, others] = [documentValues(one), documentValues(other)];
  return (
    values.length > 0 &&
    sameValue([...values], [...others]) &&
    sameValue([...commentsIn(one)], [...commentsIn(other)])
  );
}

/** The text a path has after changes; undefined: no file. */
export function textAfter(
  path: RepoPath,
  snapshot: Snapshot,
  changes: readonly FileChange[],
): string | undefined {
  const change = changes.find((each) => each.path === path);
  return change === undefined ? snapshot.files.get(path) : change.after;
}
