import { createHash } from 'node:crypto';
import type { BranchState, PathChange, Tree, TreeDiff } from '../model/ports.ts';
import { ownCommits, readHistory, saysItIsOurs, type RawCommit } from './branch-history.ts';
import { GitError } from './git-run.ts';

/** What a branch is read with: a clone that can fetch more. */
export interface BranchSource {
  /** What a ref of the clone points at; empty: there is no such ref. */
  commitAt(ref: string): Promise<string>;
  fetch(args: readonly string[]): Promise<void>;
  treeOf(commit: string): Promise<Tree>;
  /** The commits as they are stored; `GitError` when one is not there. */
  commits(ids: readonly string[]): Promise<readonly RawCommit[]>;
  /** Where the clone ends: commits without whatever was before them. */
  shallow(): Promise<ReadonlySet<string>>;
  /** The paths in which the trees of two commits differ. */
  changes(from: string, to: string): Promise<readonly PathChange[]>;
}

/** The base branch, fetched. */
export interface BaseBranch {
  readonly name: string;
  readonly tree: Tree;
}

export type FetchedBranch = Pick<BranchState, 'tree' | 'diff' | 'first' | 'othersCommits'>;

/** Fetches a branch with every commit that its base does not have, and the trees that they began from.
 *  @param commit  what the remote says the branch is at; no fetch when it is here already */
export async function readBranch(
  clone: BranchSource,
  branch: string,
  base: BaseBranch,
  commit: string,
): Promise<FetchedBranch> {
  const known = refOf('branch', branch);
  if ((await clone.commitAt(known)) !== commit) {
    if (!(await fetchOwn(clone, `refs/heads/${branch}`, known, base.name))) {
      // Every commit of it is in the base.
      const tip = refOf('tip', branch);
      await clone.fetch(['--depth=1', 'origin', `+refs/heads/${branch}:${tip}`]);
      const tree = await clone.treeOf(await clone.commitAt(tip));
      return { tree, diff: { from: tree, to: tree, changes: [] }, first: undefined, othersCommits: false };
    }
  }
  const head = await clone.commitAt(known);
  const { commits, mergeBase, first } = await readHistory(head, base.tree.revision, {
    own: async (tip) =>
      ownCommits(tip, base.tree.revision, await clone.shallow(), (ids) => clone.commits(ids)),
    fetch: async (id) => {
      const ref = refOf('commit', id);
      return (await clone.commitAt(ref)) === id || fetchOwn(clone, id, ref, base.name);
    },
  });
  const trees = new Map([[base.tree.revision, base.tree]]);
  const treeAt = async (id: string): Promise<Tree> => {
    const ref = refOf('commit', id);
    if (id !== head && !trees.has(id) && (await clone.commitAt(ref)) !== id)
      await clone.fetch(['--depth=1', 'origin', `+${id}:${ref}`]);
    const tree = trees.get(id) ?? (await clone.treeOf(id));
    trees.set(id, tree);
    return tree;
  };
  const diff = async (from: string | undefined, to: string): Promise<TreeDiff | undefined> =>
    from === undefined ? undefined : diffOf(clone, await treeAt(from), await treeAt(to));
  const whole = await diff(mergeBase, head);
  const isOne = first?.id === head && first.parent === mergeBase;
  return {
    tree: await treeAt(head),
    diff: whole,
    first: isOne ? whole : await diff(first?.parent, first?.id ?? head),
    othersCommits: commits?.every(saysItIsOurs) !== true,
  };
}

/** @param source  a branch, or a commit of one
 *  @returns false: nothing of it is missing in the base branch */
async function fetchOwn(clone: BranchSource, source: string, ref: string, base: string): Promise<boolean> {
  try {
    await clone.fetch([`--shallow-exclude=${base}`, 'origin', `+${source}:${ref}`]);
    return true;
  } catch (error) {
    if (!(error instanceof GitError) || !/no commits selected|shallow/i.test(error.message)) throw error;
    return false;
  }
}

async function diffOf(clone: BranchSource, from: Tree, to: Tree): Promise<TreeDiff> {
  return { from, to, changes: await clone.changes(from.revision, to.revision) };
}

/** A name of its own for each branch, since targets of one repository are worked on at the same time.
 *  Git allows no branch `a` beside `a/b`, but the base of today may have been a folder of branches yesterday. */
export function refOf(kind: 'base' | 'branch' | 'tip' | 'commit' | 'read', name: string): string {
  return `refs/meshwright/${kind}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}
