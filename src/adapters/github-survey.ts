import { concurrently } from '../model/concurrently.ts';
import type { RepositoryId } from '../model/named.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import type { Answer, BranchRecord, PullRequestQuestion, Question } from '../model/survey.ts';
import {
  batchSize,
  inspectQuery,
  surveyQuery,
  type InspectedPull,
  type InspectedRepository,
  type Query,
  type SurveyedPull,
  type SurveyedPulls,
  type SurveyedRef,
  type SurveyedRepository,
} from './github-queries.ts';
import { allRemarks, type MayWrite } from './github-remarks.ts';
import { graphqlProblem, present, unanswered, type Ask } from './github-answer.ts';
import type { HostInspection, PullRequest } from './pull-requests.ts';

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
    if (typeof (file?.text ?? '') !== 'string') return failure(unanswered(question.repository));
    if (file?.isTruncated === true) return failure(tooLong(question));
    const wanted = base ?? defaultBranchRef?.name;
    const branches = new Map<string, BranchRecord>();
    const aliased = byBranch(answer.value);
    for (const [at, branch] of question.branches.entries()) {
      const pulls = aliased.pulls[at];
      let pullRequests: BranchRecord['pullRequests'] = (pulls?.nodes ?? []).flatMap((pull) =>
        pull === null || pull.isCrossRepository || pull.baseRefName !== wanted ? [] : [asRecord(pull)],
      );
      if (pulls?.pageInfo.hasNextPage === true) {
        // Forks may use the same branch name, any number of times; the list by owner leaves them out. And a merged or
        // rolled-back one must not be buried below those that people closed.
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
  places: readonly PullRequestQuestion[],
  ask: Ask,
  mayWrite: MayWrite,
): Promise<readonly Outcome<HostInspection>[]> {
  const found = await inBatches<PullRequestQuestion, InspectedRepository>(places, inspectQuery, ask);
  return concurrently(places, queriesAtOnce, async (place, index): Promise<Outcome<HostInspection>> => {
    const answer = found[index] ?? failure(unanswered(place.repository));
    if (!answer.ok) return answer;
    const { pullRequest, head, file } = answer.value;
    if (pullRequest === null) return failure(unanswered(place.repository));
    const remarks = await allRemarks(place, pullRequest, ask, mayWrite);
    if (!remarks.ok) return remarks;
    return success({
      mergedAt: pullRequest.mergedAt ?? undefined,
      remarks: remarks.value,
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
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return success(value as R);
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

function reviewersOf({ reviewRequests, reviews }: InspectedPull): readonly string[] {
  const asked = present(reviewRequests?.nodes).flatMap(({ requestedReviewer }) => {
    if (requestedReviewer === null) return [];
    const { login, slug, organization } = requestedReviewer;
    return login ?? (slug === undefined ? [] : `${organization?.login ?? ''}/${slug}`);
  });
  const done = present(reviews?.nodes).flatMap(({ author }) => author?.login ?? []);
  return [...new Set([...asked, ...done])];
}

function tooLong({ repository, file }: Question): Problem {
  return {
    rule: 'forge-refused',
    severity: 'error',
    message: `${repository}: ${file} is longer than GitHub returns.`,
    fix: 'It holds what Meshwright generated; make sure that nobody put anything else into it.',
  };
}
