import type { RepositoryId } from '../model/named.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import type { PullRequestQuestion, Remark } from '../model/survey.ts';
import { graphqlProblem, present, unanswered, type Ask } from './github-answer.ts';
import {
  moreChecksQuery,
  moreCommentsQuery,
  type CommentsPage,
  type InspectedCheck,
  type InspectedPull,
  type MoreOfPull,
  type Query,
} from './github-queries.ts';

/** Whether someone may write to a repository. */
export type MayWrite = (repository: RepositoryId, login: string) => Promise<Outcome<boolean>>;

/** Pages of a hundred; who has more to say than that is not heard to the end. */
const mostPages = 50;
/** Of how many different people it is asked what they may do, for each pull request. */
const mostSpeakers = 100;

/** Everything that was said since the merge. Strangers may say any number of things, so no word is left below a bound: what
 *  can't be read whole is a problem. What was said before the merge counts nowhere, and of an open pull request no word does. */
export async function allRemarks(
  place: PullRequestQuestion,
  { comments, mergeCommit, mergedAt }: InspectedPull,
  ask: Ask,
  mayWrite: MayWrite,
): Promise<Outcome<readonly Remark[]>> {
  const found: Remark[] = [];
  const speakers = new Map<string, boolean>();
  let said = comments;
  for (let pages = 0; ; pages++) {
    const nodes = present(said.nodes);
    for (const node of nodes) {
      const login = mergedAt === null ? undefined : speakerOf(node);
      if (login !== undefined && !speakers.has(login)) {
        if (speakers.size >= mostSpeakers) return failure(tooMuchSaid(place));
        const may = await mayWrite(place.repository, login);
        if (!may.ok) return may;
        speakers.set(login, may.value);
      }
      found.push(asComment(node, login !== undefined && speakers.get(login) === true));
    }
    const { hasPreviousPage, startCursor } = said.pageInfo;
    if (mergedAt === null || !hasPreviousPage) break;
    const more = await nextPage(place, startCursor, pages, moreCommentsQuery, ask);
    if (!more.ok) return more;
    const next = more.value.pullRequest?.comments;
    if (next === undefined) return failure(unanswered(place.repository));
    said = next;
  }
  let checks = mergeCommit?.statusCheckRollup?.contexts;
  for (let pages = 0; checks !== undefined; pages++) {
    found.push(...present(checks.nodes).map(asRemark));
    const { hasNextPage, endCursor } = checks.pageInfo;
    if (mergedAt === null || !hasNextPage) break;
    const more = await nextPage(place, endCursor, pages, moreChecksQuery, ask);
    if (!more.ok) return more;
    checks = more.value.pullRequest?.mergeCommit?.statusCheckRollup?.contexts;
    if (checks === undefined) return failure(unanswered(place.repository));
  }
  return success(found);
}

async function nextPage(
  place: PullRequestQuestion,
  cursor: string | null,
  pages: number,
  queryOf: (place: PullRequestQuestion, cursor: string) => Query,
  ask: Ask,
): Promise<Outcome<MoreOfPull>> {
  const { repository } = place;
  if (pages >= mostPages) return failure(tooMuchSaid(place));
  if (cursor === null) return failure(unanswered(repository));
  const asked = await ask(queryOf(place, cursor), repository);
  if (!asked.ok) return asked;
  const value = asked.value.data.t0;
  if (value !== null && value !== undefined) return success(value as MoreOfPull);
  return failure(graphqlProblem(repository, asked.value.errors[0]));
}

function tooMuchSaid({ repository, number }: PullRequestQuestion): Problem {
  return {
    rule: 'forge-too-much-said',
    severity: 'error',
    message: `${repository}: Pull request ${String(number)} has more comments or checks than Meshwright reads, so one of the unread ones may object to it.`,
    fix: 'Delete what does not belong there, or lock the conversation; then run again.',
  };
}

type Comment = NonNullable<NonNullable<CommentsPage['nodes']>[number]>;

/** Whose permission decides whether a comment counts. A program has statuses and checks to speak by; what it writes as a
 *  comment, Meshwright's own too, may repeat what others said.
 *  @returns undefined: the comment has no word for Meshwright, or nobody whose word it could be */
function speakerOf({ body, author }: Comment): string | undefined {
  if (!body.includes('/meshwright') || author?.__typename !== 'User') return undefined;
  return /^[A-Za-z0-9_-]+$/.test(author.login) ? author.login : undefined;
}

function asComment(
  { body, createdAt, lastEditedAt, isMinimized, author }: Comment,
  isMaintainer: boolean,
): Remark {
  return {
    kind: 'comment',
    by: author?.login ?? 'ghost',
    isMaintainer,
    at: createdAt,
    ...(lastEditedAt !== null && { editedAt: lastEditedAt }),
    isMinimized,
    text: body,
  };
}

/** A check that ended `NEUTRAL` or `SKIPPED` satisfies a rule that requires it, and says neither yes nor no; one that was
 *  cancelled, went stale or waits for someone has not ended.
 *  @see https://docs.github.com/en/graphql/reference/enums#checkconclusionstate */
const conclusions: Readonly<Record<string, 'success' | 'failure' | 'skipped'>> = {
  SUCCESS: 'success',
  FAILURE: 'failure',
  TIMED_OUT: 'failure',
  STARTUP_FAILURE: 'failure',
  NEUTRAL: 'skipped',
  SKIPPED: 'skipped',
};

function asRemark(check: InspectedCheck): Remark {
  if (check.__typename === 'StatusContext') {
    const { context: name, createdAt: at, state: said } = check;
    const state = said === 'SUCCESS' ? 'success' : /^(?:FAILURE|ERROR)$/.test(said) ? 'failure' : 'pending';
    return { kind: 'status', name, at, state };
  }
  const { name, conclusion, completedAt } = check;
  const state = conclusions[conclusion ?? ''] ?? 'pending';
  return { kind: 'status', name, at: completedAt ?? '9999-12-31T00:00:00Z', state };
}
