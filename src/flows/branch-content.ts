import { lockPath, remembersSame } from '../bundle/lock.ts';
import { holdsJust, isOrdinary, sameContent, textAfter } from '../bundle/tree-content.ts';
import { desiredStatesByLock } from '../bundle/desired-states.ts';
import type { Bundle } from '../model/bundle.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import type { BranchState, Placement, RepositoryState, Tree, TreeDiff } from '../model/ports.ts';
import { failure, hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import type { FileChange, Snapshot } from '../model/snapshot.ts';
import { planOn, type BundleRequest, type BundleOptions } from './plan-on.ts';
import { checkoutOf, readMissing } from './read-until.ts';

/** What a bundle is planned with, wherever it is planned. */
export interface PlannedPart extends BundleRequest {
  readonly options: BundleOptions;
}

/** What the next commit holds, and where it goes. */
export interface NextCommit {
  readonly changes: readonly FileChange[];
  readonly placement: Placement;
  /** What the branch holds beyond the bundle, for whoever reads the pull request. */
  readonly problems: readonly Problem[];
}

/** Decides by the content of the trees, never by what commits say of themselves, what to do with the head branch:
 *  - it changes just what the bundle wants changed: it is up to date, whoever made it;
 *  - a plan on top of it gives what a plan on its merge base gives, so it holds nothing but an earlier bundle: it is made
 *    anew, unless some of its commits do not even claim to be Meshwright's;
 *  - it began as such a bundle, and people went on: what is missing goes on top, and theirs is named;
 *  - anything else is not ours: problem `branch-of-others`.
 *  @param bundle  planned on the base branch, with changes */
export async function placeOnBranch(
  plan: PlannedPart,
  state: RepositoryState,
  bundle: Bundle,
): Promise<Outcome<NextCommit>> {
  const { base, branch } = state;
  const anew: NextCommit = {
    changes: bundle.changes,
    placement: { parent: base, isExact: true },
    problems: [],
  };
  if (branch === undefined || branch.merged) return success(anew);
  const { diff, first } = branch;
  const isSame = diff === undefined ? success(false) : await isBundle(diff, bundle.changes);
  if (!isSame.ok) return isSame;
  if (isSame.value)
    return success({ changes: [], placement: { parent: branch.tree, isExact: true }, problems: [] });
  const isEarlier = diff === undefined ? success(false) : await isEarlierBundle(plan, diff);
  if (!isEarlier.ok) return isEarlier;
  if (isEarlier.value && !branch.othersCommits) return success(anew);
  const isBegun =
    isEarlier.value || first === undefined || first === diff ? isEarlier : await isEarlierBundle(plan, first);
  if (!isBegun.ok) return isBegun;
  return isBegun.value ? onTop(plan, state, branch, bundle) : failure(notOurs(plan, branch));
}

/** Whose a branch under a name of earlier versions is, which several targets could share: this target's, when it changes a
 *  lock of it and no other's, or holds nothing but its bundle; another target's, when it changes the lock of one. */
export async function ownerOf(
  plan: PlannedPart,
  { diff }: BranchState,
  bundle: Bundle,
): Promise<Outcome<'target' | 'other target' | 'nobody'>> {
  if (diff === undefined) return success('nobody');
  const own = new Set<string>([...desiredStatesByLock(plan.target).keys()].map(lockPath));
  const changed = diff.changes.filter(({ path }) => /^\.meshwright\/.*\.lock\.yaml$/.test(path));
  if (changed.some(({ path }) => !own.has(path))) return success('other target');
  if (changed.length > 0) return success('target');
  const isSame = await isBundle(diff, bundle.changes);
  const isOwn = !isSame.ok || isSame.value ? isSame : await isEarlierBundle(plan, diff);
  return isOwn.ok ? success(isOwn.value ? 'target' : 'nobody') : isOwn;
}

async function isBundle({ to, changes }: TreeDiff, wanted: readonly FileChange[]): Promise<Outcome<boolean>> {
  if (changes.length !== wanted.length) return success(false);
  const read = await withTexts(
    to,
    to.snapshot,
    wanted.map(({ path }) => path),
  );
  return read.ok ? success(holdsJust(changes, read.value, wanted)) : read;
}

/** Whether planning on top of a tree loses nothing against planning on what it was made from, and keeps nothing more: then
 *  whatever the tree adds was itself planned. */
async function isEarlierBundle(
  plan: PlannedPart,
  { from, to, changes }: TreeDiff,
): Promise<Outcome<boolean>> {
  if (!changes.every(isOrdinary)) return success(false);
  const [before, after] = [await planned(plan, from), await planned(plan, to)];
  if (!before.ok || !after.ok) return success(false);
  const paths = new Set([
    ...changes.map(({ path }) => path as RepoPath),
    ...before.value.changes.map(({ path }) => path),
    ...after.value.changes.map(({ path }) => path),
  ]);
  const wanted = [...paths];
  const texts = await withTexts(from, before.value.snapshot, wanted);
  if (!texts.ok) return texts;
  const others = await withTexts(to, after.value.snapshot, wanted);
  if (!others.ok) return others;
  const isUnreadable = (path: RepoPath) =>
    texts.value.unreadable.has(path) || others.value.unreadable.has(path);
  const locks = new Map([...desiredStatesByLock(plan.target).keys()].map((id) => [lockPath(id), id]));
  return success(
    wanted.every((path) => {
      const made = textAfter(path, texts.value, before.value.changes);
      const found = textAfter(path, others.value, after.value.changes);
      const lock = locks.get(path);
      if (isUnreadable(path)) return false;
      return sameContent(made, found) || (lock !== undefined && remembersSame(made, found, lock));
    }),
  );
}

interface PlannedTree {
  readonly snapshot: Snapshot;
  readonly changes: readonly FileChange[];
}

/** A plan without the checks of a proposal; refused where it has errors or conflicts. */
async function planned(plan: PlannedPart, tree: Tree): Promise<Outcome<PlannedTree>> {
  const { restore } = plan.options;
  const found = await planOn(plan, checkoutOf(tree), { restore });
  if (!found.ok) return found;
  const { bundle, snapshot } = found.value;
  if (hasErrors(bundle.problems)) return failure(...bundle.problems);
  return success({ snapshot, changes: bundle.changes });
}

/** Someone worked on the branch: what is still missing goes on top of it. */
async function onTop(
  plan: PlannedPart,
  { base }: RepositoryState,
  branch: BranchState,
  bundle: Bundle,
): Promise<Outcome<NextCommit>> {
  const { repository, options } = plan;
  const { tree } = branch;
  const found = await planOn(plan, checkoutOf(tree), options);
  if (!found.ok) return found;
  const { changes, problems } = found.value.bundle;
  if (hasErrors(problems)) return failure(...problems);
  const theirs = await othersPaths(branch, base, bundle, changes);
  if (!theirs.ok) return theirs;
  return success({
    changes,
    placement: { parent: tree, isExact: false },
    problems: theirs.value?.length === 0 ? [] : [changedByOthers(repository, branch, theirs.value)],
  });
}

/** Paths in which the branch will differ from the bundle on the base branch; undefined: nobody can tell. */
async function othersPaths(
  { diff, tree }: BranchState,
  base: Tree,
  bundle: Bundle,
  changes: readonly FileChange[],
): Promise<Outcome<readonly string[] | undefined>> {
  if (diff === undefined) return success(undefined);
  const wanted = new Map(bundle.changes.map((change) => [change.path as string, change]));
  const odd = diff.changes.filter((change) => !wanted.has(change.path) || !isOrdinary(change));
  const read = await withTexts(tree, tree.snapshot, [...wanted.keys()] as RepoPath[]);
  if (!read.ok) return read;
  const different = bundle.changes.filter(
    ({ path, after }) => textAfter(path, read.value, changes) !== after,
  );
  const more = changes.filter(({ path }) => !wanted.has(path) && !base.snapshot.paths.has(path));
  return success([...new Set([...odd, ...different, ...more].map(({ path }) => path))].sort());
}

/** The snapshot with the texts of those of the paths that are files of the tree. */
async function withTexts(
  tree: Tree,
  snapshot: Snapshot,
  paths: readonly RepoPath[],
): Promise<Outcome<Snapshot>> {
  return readMissing(
    { tree, snapshot },
    paths.filter((path) => tree.snapshot.paths.has(path)),
  );
}

/** More than these nobody reads. */
const shownPaths = 8;

function changedByOthers(
  repository: RepositoryId,
  { name }: BranchState,
  paths: readonly string[] | undefined,
): Problem {
  const shown = (paths ?? []).slice(0, shownPaths).join(', ');
  const more = (paths ?? []).length - shownPaths;
  const what =
    paths === undefined
      ? 'merges on it make it unclear which'
      : `${shown}${more > 0 ? ` and ${String(more)} more` : ''}`;
  return {
    rule: 'branch-changed-by-others',
    severity: 'warning',
    message: `The branch ${name} also contains changes that Meshwright did not generate: ${what}. They stay, but Meshwright neither describes nor checks them.`,
    fix: 'Review them in the diff.',
    repository,
  };
}

function notOurs({ repository }: PlannedPart, { name, pullRequest }: BranchState): Problem {
  const shown = pullRequest === undefined ? '' : ` (${pullRequest.url})`;
  return {
    rule: 'branch-of-others',
    severity: 'error',
    message: `The branch ${name}${shown} contains changes that Meshwright did not generate, and none of its commits starts from a Meshwright bundle, whatever their metadata claims. It was left unchanged.`,
    fix: 'Review it. Merge it by hand if you want it, or delete the branch; then run again.',
    repository,
  };
}

/** What is said of a branch under a name of earlier versions that no target made. */
export function leftAlone({ repository, target }: PlannedPart, { name, pullRequest }: BranchState): Problem {
  const shown = pullRequest === undefined ? '' : `, and its pull request ${pullRequest.url},`;
  return {
    rule: 'branch-of-others',
    severity: 'warning',
    message: `The branch ${name}${shown} has the name that earlier versions used for ${target.id}, but contains something else. It was left unchanged.`,
    fix: 'Review it; close the pull request if nobody needs it.',
    repository,
  };
}
