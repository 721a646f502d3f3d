import { concurrently } from '../model/concurrently.ts';
import type { RepositoryId } from '../model/named.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import type { Answer, BranchRecord, PullRequestPlace, Question, Remark } from '../model/survey.ts';
import {
  batchSize,
  inspectQuery,
  surveyQuery,
  type InspectedCheck,
  type InspectedPull,
  type InspectedRepository,
  type Query,
  type SurveyedPull,
  type SurveyedPulls,
  type SurveyedRef,
  type SurveyedRepository,
} from './github-queries.ts';
import type { HostInspection, PullRequest } from './pull-requests.ts';

/** An answer of GitHub's GraphQL: what it has, and what it says of what it has not. */
export interface GraphqlAnswer {
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors: readonly GraphqlError[];
}

interface GraphqlError {
  readonly type?: string;
  readonly message: string;
  readonly path?: readonly (string | number)[];
}

/** Sends a query; the repository names the first one it is about, for problems. */
export type Ask = (query: Query, repository: RepositoryId) => Promise<Outcome<GraphqlAnswer>>;

/** Asks one after the other would take long, all at once is what secondary limits are for. */
const queriesAtOnce = 4;

/** @param list  the pull requests of one branch without those of forks */
export async function surveyGitHub(
  questions: readonly Question[],
  base: string | undefined,
  ask: Ask,
  list: (repository: RepositoryId, branch: string) => Promise<Outcome<readonly PullRequest[]>>,
): Promise<readonly Outcome<Answer>[]> {
  const found = await inBatches<Question, SurveyedRepository>(
    questions,
    (batch) => surveyQuery(batch, base),
    ask,
  );
  return concurrently(questions, queriesAtOnce, async (question, index): Promise<Outcome<Answer>> => {
    const answer = found[index] ?? failure(unanswered(question.repository));
    if (!answer.ok) return answer;
    const { file, defaultBranchRef } = answer.value;
    if (file?.isTruncated === true) return failure(tooLong(question));
    const wanted = base ?? defaultBranchRef?.name;
    const branches = new Map<string, BranchRecord>();
    const aliased = byBranch(answer.value);
    for (const [at, branch] of question.branches.entries()) {
      const pulls = aliased.pulls[at];
      let pullRequests: BranchRecord['pullRequests'] = (pulls?.nodes ?? []).flatMap((pull) =>
        pull === null || pull.isCrossRepository || pull.baseRefName !== wanted ? [] : [asRecord(pull)],
      );
      if (pullRequests.length === 0 && pulls?.pageInfo.hasNextPage === true) {
        // Forks may use the same branch name, any number of times; the list by owner leaves them out.
        const listed = await list(question.repository, branch);
        if (!listed.ok) return listed;
        pullRequests = listed.value
          .filter((each) => each.base === wanted)
          .map(({ created, merged, ...each }) => ({ ...each, createdAt: created, mergedAt: merged }));
      }
      branches.set(branch, { exists: (aliased.refs[at]?.target ?? null) !== null, pullRequests });
    }
    return success({ text: file?.text ?? undefined, branches });
  });
}

export async function inspectGitHub(
  places: readonly PullRequestPlace[],
  ask: Ask,
): Promise<readonly Outcome<HostInspection>[]> {
  const found = await inBatches<PullRequestPlace, InspectedRepository>(places, inspectQuery, ask);
  return places.map(({ repository }, index) => {
    const answer = found[index] ?? failure(unanswered(repository));
    if (!answer.ok) return answer;
    const { pullRequest, head, file } = answer.value;
    if (pullRequest === null) return failure(unanswered(repository));
    return success({
      mergedAt: pullRequest.mergedAt ?? undefined,
      remarks: remarksOf(pullRequest),
      body: pullRequest.body,
      labels: present(pullRequest.labels?.nodes).map(({ name }) => name),
      reviewers: reviewersOf(pullRequest),
      text: file?.isTruncated === true ? undefined : (file?.text ?? undefined),
      head: head?.target?.oid,
      base: pullRequest.baseRef?.target?.oid,
    });
  });
}

/** One answer an item; what a query's errors say is the answer of the items they name. */
async function inBatches<T extends { readonly repository: RepositoryId }, R>(
  items: readonly T[],
  queryOf: (batch: readonly T[]) => Query,
  ask: Ask,
): Promise<readonly Outcome<R>[]> {
  const batches = Array.from({ length: Math.ceil(items.length / batchSize) }, (_, index) =>
    items.slice(index * batchSize, (index + 1) * batchSize),
  );
  const answers = await concurrently(batches, queriesAtOnce, async (batch) => {
    const [first] = batch;
    if (first === undefined) return [];
    const asked = await ask(queryOf(batch), first.repository);
    return batch.map(({ repository }, index): Outcome<R> => {
      if (!asked.ok) return failure(...asked.problems);
      const alias = `t${String(index)}`;
      const value = asked.value.data[alias];
      if (value !== null && value !== undefined) return success(value as R);
      return failure(
        graphqlProblem(
          repository,
          asked.value.errors.find(({ path }) => path?.[0] === alias),
        ),
      );
    });
  });
  return answers.flat();
}

/** The aliases of a repository, in the order of the branches asked for. */
function byBranch(found: SurveyedRepository): {
  readonly refs: readonly SurveyedRef[];
  readonly pulls: readonly SurveyedPulls[];
} {
  const entries = Object.entries(found);
  const of = <T>(name: RegExp) => entries.flatMap(([key, value]) => (name.test(key) ? [value as T] : []));
  return { refs: of<SurveyedRef>(/^ref\d+$/), pulls: of<SurveyedPulls>(/^pulls\d+$/) };
}

function asRecord({
  number,
  url,
  state,
  createdAt,
  mergedAt,
}: SurveyedPull): BranchRecord['pullRequests'][number] {
  const states = { OPEN: 'open', CLOSED: 'closed', MERGED: 'merged' } as const;
  return { number, url, state: states[state], createdAt, mergedAt: mergedAt ?? undefined };
}

/** Who may speak for a repository: the organisation's people and whoever was invited to write.
 *  @see https://docs.github.com/en/graphql/reference/enums#commentauthorassociation */
const maintainers = new Set(['OWNER', 'MEMBER', 'COLLABORATOR']);

function remarksOf({ comments, mergeCommit }: InspectedPull): readonly Remark[] {
  const said = present(comments.nodes).map(({ body, createdAt, authorAssociation, author }): Remark => ({
    kind: 'comment',
    by: author?.login ?? 'ghost',
    isMaintainer: maintainers.has(authorAssociation),
    at: createdAt,
    text: body,
  }));
  const checks = present(mergeCommit?.statusCheckRollup?.contexts.nodes).map(asRemark);
  return [...said, ...checks];
}

function asRemark(check: InspectedCheck): Remark {
  if (check.__typename === 'StatusContext') {
    const state =
      check.state === 'SUCCESS' ? 'success' : /PENDING|EXPECTED/.test(check.state) ? 'pending' : 'failure';
    return { kind: 'status', name: check.context, at: check.createdAt, state };
  }
  const { name, conclusion, completedAt } = check;
  const isGood = conclusion === 'SUCCESS' || conclusion === 'NEUTRAL';
  const state = conclusion === null ? 'pending' : isGood ? 'success' : 'failure';
  return { kind: 'status', name, at: completedAt ?? '9999-12-31T00:00:00Z', state };
}

function reviewersOf({ reviewRequests, reviews }: InspectedPull): readonly string[] {
  const asked = present(reviewRequests?.nodes).flatMap(({ requestedReviewer }) => {
    if (requestedReviewer === null) return [];
    const { login, slug, organization } = requestedReviewer;
    return login ?? (slug === undefined ? [] : `${organization?.login ?? ''}/${slug}`);
  });
  const done = present(reviews?.nodes).flatMap(({ author }) => author?.login ?? []);
  return [...new Set([...asked, ...done])];
}

function present<T>(nodes: readonly (T | null)[] | null | undefined): readonly T[] {
  return (nodes ?? []).filter((node) => node !== null);
}

function graphqlProblem(repository: RepositoryId, error: GraphqlError | undefined): Problem {
  if (error?.type === 'NOT_FOUND')
    return {
      rule: 'forge-not-found',
      severity: 'error',
      message: `${repository}: There is no such repository, or the token may not see it. (${error.message})`,
      fix: 'Check repository in fleet.yaml, and what the token may access.',
    };
  if (error?.type === 'FORBIDDEN' || error?.type === 'INSUFFICIENT_SCOPES')
    return {
      rule: 'forge-forbidden',
      severity: 'error',
      message: `${repository}: GitHub refused the request. (${error.message})`,
      fix: 'Give the token read access to contents, pull requests, commit statuses and checks of this repository; authorise it for SSO.',
    };
  return error === undefined
    ? unanswered(repository)
    : { ...unanswered(repository), message: `${repository}: GitHub failed to answer. (${error.message})` };
}

/** Why a query was not answered at all. */
export function refusedQuery(repository: RepositoryId, errors: GraphqlAnswer['errors']): Problem {
  const [error] = errors;
  if (error?.type !== 'RATE_LIMITED') return graphqlProblem(repository, error);
  return {
    rule: 'forge-rate-limited',
    severity: 'error',
    message: `${repository}: GitHub limits the rate of requests. (${error.message})`,
    fix: 'Wait until the limit is reset, then run again; what is done is kept.',
  };
}

function unanswered(repository: RepositoryId): Problem {
  return {
    rule: 'forge-network',
    severity: 'error',
    message: `${repository}: GitHub gave no answer about it.`,
    fix: 'Run again: what is done is kept, and nothing is done twice.',
  };
}

function tooLong({ repository, file }: Question): Problem {
  return {
    rule: 'forge-refused',
    severity: 'error',
    message: `${repository}: ${file} is longer than GitHub shows.`,
    fix: 'It holds what Meshwright generated; make sure that nobody put anything else into it.',
  };
}
