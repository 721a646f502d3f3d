import { failure, success, type Outcome } from '../model/problem.ts';
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

/** Who may speak for a repository: the organisation's people and whoever was invited to write.
 *  @see https://docs.github.com/en/graphql/reference/enums#commentauthorassociation */
const maintainers = new Set(['OWNER', 'MEMBER', 'COLLABORATOR']);

/** Pages of a hundred; who has more to say than that is not heard to the end. */
const mostPages = 50;

/** Everything that was said since the merge. Strangers may say any number of things, so no word is left below a bound: what
 *  can't be read whole is a problem. What was said before the merge counts nowhere, and of an open pull request no word does. */
export async function allRemarks(
  place: PullRequestQuestion,
  { comments, mergeCommit, mergedAt }: InspectedPull,
  ask: Ask,
): Promise<Outcome<readonly Remark[]>> {
  const found: Remark[] = [];
  let said = comments;
  for (let pages = 0; ; pages++) {
    const nodes = present(said.nodes);
    found.push(...nodes.map(asComment));
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
  const { repository, number } = place;
  if (pages >= mostPages)
    return failure({
      rule: 'forge-too-much-said',
      severity: 'error',
      message: `${repository}: Pull request ${String(number)} has more comments or checks than Meshwright reads, so one of the unread ones may object to it.`,
      fix: 'Delete what does not belong there, or lock the conversation; then run again.',
    });
  if (cursor === null) return failure(unanswered(repository));
  const asked = await ask(queryOf(place, cursor), repository);
  if (!asked.ok) return asked;
  const value = asked.value.data.t0;
  if (value !== null && value !== undefined) return success(value as MoreOfPull);
  return failure(graphqlProblem(repository, asked.value.errors[0]));
}

function asComment({
  body,
  createdAt,
  lastEditedAt,
  isMinimized,
  authorAssociation,
  author,
}: NonNullable<NonNullable<CommentsPage['nodes']>[number]>): Remark {
  return {
    kind: 'comment',
    by: author?.login ?? 'ghost',
    isMaintainer: maintainers.has(authorAssociation),
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
