import { committerEmail } from './git-run.ts';

/** A commit as its own bytes say it: a shallow clone hides parents that it did not fetch. */
export interface RawCommit {
  readonly parents: readonly string[];
  readonly committer: string;
  readonly message: string;
}

/** Reads the commits of a branch from a clone that holds little more than them. */
export interface CommitSource {
  /** The commits from `tip` on that the base branch does not have, as far as the clone has them; undefined: too many. */
  own(tip: string): Promise<ReadonlyMap<string, RawCommit> | undefined>;
  /** Fetches a commit with those before it that the base branch does not have.
   *  @returns false: the base branch has it */
  fetch(commit: string): Promise<boolean>;
}

/** How a branch came about. */
export interface BranchHistory {
  /** undefined: too many to look at. */
  readonly commits: readonly RawCommit[] | undefined;
  /** Where it left the base branch; undefined: merges leave more than one answer. */
  readonly mergeBase: string | undefined;
  /** The first commit on the base branch's own line, when it has one parent. */
  readonly first: { readonly id: string; readonly parent: string } | undefined;
}

/** Each "Update branch" of a pull request is a merge whose first parent must be asked for. */
const maxFetches = 20;

/** @param base  what the base branch is at */
export async function readHistory(head: string, base: string, source: CommitSource): Promise<BranchHistory> {
  const commits = new Map<string, RawCommit>();
  const load = async (tip: string): Promise<boolean> => {
    const own = await source.own(tip);
    for (const [id, commit] of own ?? []) commits.set(id, commit);
    return own !== undefined;
  };
  if (!(await load(head))) return { commits: undefined, mergeBase: undefined, first: undefined };
  if (commits.size === 0) return { commits: [], mergeBase: head, first: undefined };
  let first: BranchHistory['first'];
  let at = head;
  for (let fetches = 0; ;) {
    const parents = commits.get(at)?.parents ?? [];
    const [next] = parents;
    if (next === undefined) break;
    if (commits.has(next)) {
      at = next;
      continue;
    }
    if (parents.length === 1) {
      // Where the clone ends after a commit with one parent, the base branch has that one.
      first = { id: at, parent: next };
      break;
    }
    if (++fetches > maxFetches || !(await source.fetch(next)) || !(await load(next))) break;
    at = next;
  }
  return { commits: [...commits.values()], mergeBase: mergeBaseOf(commits, base), first };
}

/** With one way out of the branch, that is where it left. With several, the base branch's own tip is after all others; of
 *  older commits nothing here tells which one is. */
function mergeBaseOf(commits: ReadonlyMap<string, RawCommit>, base: string): string | undefined {
  const outside = new Set(
    [...commits.values()].flatMap(({ parents }) => parents).filter((id) => !commits.has(id)),
  );
  if (outside.has(base)) return base;
  const [only] = outside;
  return outside.size === 1 ? only : undefined;
}

/** A branch of more commits is nobody's pull request for one target. */
const maxCommits = 500;
/** Of the base branch a clone has one commit, and seldom a few more. */
const maxBaseCommits = 5000;

/** The commits from `tip` on that `base` does not have, as far as the clone has them; undefined: too many.
 *  @param shallow  where the clone ends
 *  @param read  commits as they are stored */
export async function ownCommits(
  tip: string,
  base: string,
  shallow: ReadonlySet<string>,
  read: (ids: readonly string[]) => Promise<readonly RawCommit[]>,
): Promise<ReadonlyMap<string, RawCommit> | undefined> {
  const ofBase = await reached(base, new Map(), maxBaseCommits, shallow, read);
  return ofBase === undefined ? undefined : reached(tip, ofBase, maxCommits, shallow, read);
}

/** The commits from `tip` on, without `others`; undefined: more than `most`. */
async function reached(
  tip: string,
  others: ReadonlyMap<string, RawCommit>,
  most: number,
  shallow: ReadonlySet<string>,
  read: (ids: readonly string[]) => Promise<readonly RawCommit[]>,
): Promise<ReadonlyMap<string, RawCommit> | undefined> {
  const found = new Map<string, RawCommit>();
  let next = others.has(tip) ? [] : [tip];
  while (next.length > 0) {
    const commits = await read(next);
    const parents = new Set<string>();
    for (const [index, id] of next.entries()) {
      const commit = commits[index];
      if (commit === undefined) continue;
      found.set(id, commit);
      if (!shallow.has(id)) for (const parent of commit.parents) parents.add(parent);
    }
    if (found.size > most) return undefined;
    next = [...parents].filter((id) => !found.has(id) && !others.has(id));
  }
  return found;
}

/** A commit object's text: headers, an empty line, the message. */
export function parseCommit(text: string): RawCommit {
  const end = text.indexOf('\n\n');
  const headers = (end < 0 ? text : text.slice(0, end)).split('\n');
  const valuesOf = (name: string) =>
    headers.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
  const committer = /<([^<>]*)> \d+ [+-]\d+$/.exec(valuesOf('committer')[0] ?? '')?.[1] ?? '';
  return { parents: valuesOf('parent'), committer, message: end < 0 ? '' : text.slice(end + 2) };
}

/** Whether a commit says that Meshwright made it. */
export function saysItIsOurs({ parents, committer, message }: RawCommit): boolean {
  return committer === committerEmail && parents.length === 1 && /^Meshwright-Target: /m.test(message);
}
