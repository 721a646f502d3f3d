import type { Draft } from '../model/bundle.ts';
import type { RepositoryId } from '../model/named.ts';
import { printMarker, readMarker } from '../model/marker.ts';
import type { Forge, Placement, RepositoryState, UpsertResult } from '../model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import type { Inspection, PullRequestQuestion } from '../model/survey.ts';
import { decideBranch } from './branch-decision.ts';
import type { BranchRecords } from './branch-records.ts';
import { gitProblem } from './git-problem.ts';
import type { GitRepository } from './git-repository.ts';
import { GitError } from './git-run.ts';
import { systemProblem } from './system-error.ts';
import { sameText, type PullRequest, type PullRequestHost } from './pull-requests.ts';

/** What the forge remembers of a state it gave out. */
interface KnownState {
  readonly clone: GitRepository;
  readonly pullRequests: readonly PullRequest[];
}

/** A forge over git and a host of pull requests.
 *  @param records  what branches were found to hold */
export function createForge(host: PullRequestHost, records: BranchRecords): Forge {
  const known = new WeakMap<RepositoryState, KnownState>();
  const clones = new Map<RepositoryId, Promise<GitRepository>>();
  const cloneOf = (repository: RepositoryId): Promise<GitRepository> => {
    const clone = clones.get(repository) ?? host.clone(repository);
    clones.set(repository, clone);
    return clone;
  };
  return {
    host: host.host,
    state: (repository, base, branch, former) =>
      guarded(host, repository, async () => {
        const clone = await cloneOf(repository);
        const refs = await clone.refs(base, branch, former);
        const baseBranch = base ?? refs.defaultBranch;
        if (baseBranch === undefined || refs.base === undefined)
          return failure(noBranch(repository, baseBranch));
        const baseTree = await clone.fetchBase(baseBranch, refs.base);
        const state = { repository, baseBranch, base: baseTree };
        const without = (): Outcome<RepositoryState> => {
          const bare: RepositoryState = { ...state, branch: undefined };
          known.set(bare, { clone, pullRequests: [] });
          return success(bare);
        };
        const isFormer = refs.branch === undefined;
        const [name, at] = isFormer ? [former, refs.former] : [branch, refs.branch];
        if (name === undefined || at === undefined) return without();
        const listed = await host.list(repository, name);
        if (!listed.ok) return listed;
        // One that goes to another branch is about other changes.
        const pullRequests = listed.value.filter((pull) => pull.base === baseBranch);
        const [newest] = pullRequests;
        const merged = newest?.state === 'merged' && newest.head === at;
        if (isFormer && merged) return without();
        const head = await clone.fetchBranch(name, { name: baseBranch, tree: baseTree }, at);
        const open = pullRequests.find((each) => each.state === 'open');
        const whole: RepositoryState = {
          ...state,
          branch: {
            ...head,
            name,
            pullRequest: open === undefined ? undefined : { number: open.number, url: open.url },
            merged: merged && head.tree.revision === at,
          },
        };
        known.set(whole, { clone, pullRequests });
        return success(whole);
      }),
    tree: (repository, ref) =>
      guarded(host, repository, async () => {
        const tree = await (await cloneOf(repository)).fetchRef(ref);
        return tree === undefined ? failure(noRef(repository, ref)) : success(tree);
      }),
    upsert: (draft, state, placement) =>
      guarded(host, draft.repository, async () => {
        const memory = known.get(state);
        if (memory === undefined) throw new Error('the state is not of this forge');
        return upsert(host, draft, state, placement, { ...memory, records });
      }),
    survey: (questions, base) => host.survey(questions, base),
    inspect: (places) => inspect(host, places, records),
    close: (repository, number, comment) => host.close(repository, number, comment),
  };
}

async function upsert(
  host: PullRequestHost,
  draft: Draft,
  state: RepositoryState,
  { parent, isExact }: Placement,
  { clone, pullRequests, records }: KnownState & { readonly records: BranchRecords },
): Promise<Outcome<UpsertResult>> {
  const { repository, branch, digest } = draft;
  const decision = decideBranch({
    hasChanges: draft.changes.length > 0,
    branch: state.branch,
    isOnBranch: parent === state.branch?.tree,
    newest: pullRequests[0]?.state,
  });
  if (decision.do === 'refuse') return failure(refusal(draft, decision.why, pullRequests[0]));
  let pushed: string | undefined;
  if (decision.push) {
    const message = `${draft.commitMessage.trimEnd()}\n\nMeshwright-Target: ${draft.target} ${draft.stage}\nMeshwright-Bundle: ${digest}\n`;
    pushed = await clone.commit(parent.revision, draft.changes, message);
    await clone.push(pushed, branch, state.branch?.tree.revision);
  }
  const head = pushed ?? state.branch?.tree.revision;
  if (head !== undefined && isExact)
    await records.put({ repository, branch, head, base: state.base.revision }, digest);
  const open = pullRequests.find((each) => each.state === 'open');
  if (open === undefined && head === undefined)
    throw new Error(`${draft.target} has nothing to open a pull request from`);
  return open === undefined
    ? create(host, draft, state, pushed !== undefined)
    : refresh(host, draft, open, pushed !== undefined);
}

async function inspect(
  host: PullRequestHost,
  places: readonly PullRequestQuestion[],
  records: BranchRecords,
): Promise<readonly Outcome<Inspection>[]> {
  const found = await host.inspect(places);
  return Promise.all(
    found.map(async (outcome, index): Promise<Outcome<Inspection>> => {
      const place = places[index];
      if (!outcome.ok || place === undefined)
        return outcome.ok ? success({ ...outcome.value, holds: undefined }) : outcome;
      const { head, base, ...rest } = outcome.value;
      const holds =
        head === undefined || base === undefined ? undefined : await records.get({ ...place, head, base });
      return success({ ...rest, holds }, outcome.problems);
    }),
  );
}

async function create(
  host: PullRequestHost,
  draft: Draft,
  state: RepositoryState,
  hasPushed: boolean,
): Promise<Outcome<UpsertResult>> {
  const { title, body, branch, repository } = draft;
  const created = await host.create(repository, {
    title,
    body,
    branch,
    base: state.baseBranch,
    draft: draft.draft,
  });
  if (!created.ok) return created;
  const { pullRequest, isNew } = created.value;
  if (!isNew) return refresh(host, draft, pullRequest, hasPushed);
  const { problems } = await host.decorate(repository, pullRequest, draft.labels, draft.reviewers);
  return success({ outcome: 'opened', url: pullRequest.url }, problems);
}

async function refresh(
  host: PullRequestHost,
  draft: Draft,
  open: PullRequest,
  hasPushed: boolean,
): Promise<Outcome<UpsertResult>> {
  const wanted = textFor(open, draft);
  const isSame = wanted.title === open.title && sameText(wanted.body, open.body);
  if (!isSame || hasPushed) {
    const updated = await host.update(draft.repository, open.number, wanted);
    if (!updated.ok) return updated;
  }
  const { hasChanged, problems } = await host.decorate(draft.repository, open, draft.labels, draft.reviewers);
  const outcome = hasPushed || !isSame || hasChanged ? 'updated' : 'unchanged';
  return success({ outcome, url: open.url }, problems);
}

/** The text a pull request is to have: what people made of the generated one stays as long as that would be the same. */
function textFor({ title, body }: PullRequest, draft: Draft): { title: string; body: string } {
  const [before, after] = [readMarker(body), readMarker(draft.body)];
  if (after === undefined || before?.text !== after.text) return { title: draft.title, body: draft.body };
  return { title, body: body.replace(printMarker(before), () => printMarker(after)) };
}

async function guarded<T>(
  host: PullRequestHost,
  repository: RepositoryId,
  work: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GitError)) {
      const refused = systemProblem(error);
      if (refused === undefined) throw error;
      return failure({ ...refused, message: `${repository}: ${refused.message}` });
    }
    const problem = gitProblem(error, repository);
    // Git can't tell a repository that is missing from one that is not to be seen; the host may.
    const known = isAboutAccess(problem) ? await host.find(repository) : undefined;
    return known?.ok === false ? known : failure(problem);
  }
}

function isAboutAccess({ rule }: Problem): boolean {
  return rule === 'forge-not-found' || rule === 'forge-unauthorized' || rule === 'forge-git';
}

function noBranch(repository: RepositoryId, branch: string | undefined): Problem {
  return {
    rule: 'forge-not-found',
    severity: 'error',
    message:
      branch === undefined
        ? `${repository} is empty: it has no branch yet.`
        : `${repository} has no branch "${branch}".`,
    fix: branch === undefined ? 'Push a first commit.' : 'Check forge.baseBranch in fleet.yaml.',
  };
}

function noRef(repository: RepositoryId, ref: string): Problem {
  return {
    rule: 'forge-not-found',
    severity: 'error',
    message: `${repository} has no tag or branch "${ref}".`,
    fix: 'Correct templates.ref in fleet.yaml, or the version after --to.',
  };
}

function refusal(draft: Draft, why: 'others-commits' | 'closed', newest: PullRequest | undefined): Problem {
  if (why === 'closed')
    return {
      rule: 'pull-request-closed',
      severity: 'error',
      message: `Someone closed ${newest?.url ?? 'the pull request'} without merging it, so it was not opened again.`,
      fix: `Reopen it, or delete the branch ${draft.branch} to start over.`,
    };
  return {
    rule: 'branch-of-others',
    severity: 'error',
    message: `The branch ${draft.branch} of ${draft.repository} holds commits that Meshwright did not make, so it is not rewritten.`,
    fix: 'Merge them, or delete the branch, then run again.',
  };
}
