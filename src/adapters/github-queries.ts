import type { PullRequestQuestion, Question } from '../model/survey.ts';

/** How many targets one query asks about: few enough for GitHub's ten seconds a query. */
export const batchSize = 40;

/** Newest pull requests looked at per branch; more only when someone's forks fill them up. */
const perBranch = 8;

export interface Query {
  readonly text: string;
  readonly variables: Readonly<Record<string, string | number>>;
}

/** An answer to one alias of a query; null where GitHub knows no such thing or shows none. */
export interface SurveyedRepository {
  readonly defaultBranchRef: { readonly name: string } | null;
  readonly file: { readonly text?: string | null; readonly isTruncated?: boolean } | null;
  /** For each branch asked for `ref0` and `pulls0`, `ref1` and `pulls1`, … in this order. */
  readonly [alias: string]: unknown;
}

export type SurveyedRef = { readonly target: { readonly oid: string } | null } | null;

export interface SurveyedPulls {
  readonly pageInfo: { readonly hasNextPage: boolean };
  readonly nodes: readonly (SurveyedPull | null)[] | null;
}

export interface SurveyedPull {
  readonly number: number;
  readonly url: string;
  readonly state: 'OPEN' | 'CLOSED' | 'MERGED';
  readonly createdAt: string;
  readonly mergedAt: string | null;
  readonly isCrossRepository: boolean;
  readonly baseRefName: string;
}

/** Asks for a file of the base branch and the pull requests of some branches, for many targets at once.
 *  @see https://docs.github.com/en/graphql/reference/objects#repository */
export function surveyQuery(questions: readonly Question[], base: string | undefined): Query {
  const variables: Record<string, string> = {};
  const parts = questions.map(({ repository, file, branches }, index) => {
    const of = (name: string, value: string): string => {
      variables[`${name}${String(index)}`] = value;
      return `$${name}${String(index)}`;
    };
    const [owner = '', name = ''] = repository.split('/');
    const heads = branches.map((branch, at) => {
      const head = of(`h${String(at)}_`, branch);
      const ref = of(`q${String(at)}_`, `refs/heads/${branch}`);
      return `ref${String(at)}: ref(qualifiedName: ${ref}) { target { oid } }
      pulls${String(at)}: pullRequests(headRefName: ${head}, first: ${String(perBranch)}, orderBy: {field: CREATED_AT, direction: DESC}) {
        pageInfo { hasNextPage }
        nodes { number url state createdAt mergedAt isCrossRepository baseRefName }
      }`;
    });
    return `t${String(index)}: repository(owner: ${of('o', owner)}, name: ${of('n', name)}) {
      defaultBranchRef { name }
      file: object(expression: ${of('f', `${base ?? 'HEAD'}:${file}`)}) { ... on Blob { text isTruncated } }
      ${heads.join('\n      ')}
    }`;
  });
  return { text: wrap(parts, variables), variables };
}

/** What `inspectQuery` gives for one pull request. */
export interface InspectedRepository {
  readonly pullRequest: InspectedPull | null;
  readonly head: { readonly target: { readonly oid: string } | null } | null;
  readonly file: { readonly text?: string | null; readonly isTruncated?: boolean } | null;
}

export interface InspectedPull {
  readonly body: string;
  readonly mergedAt: string | null;
  readonly baseRef: { readonly target: { readonly oid: string } | null } | null;
  readonly labels: { readonly nodes: readonly ({ readonly name: string } | null)[] | null } | null;
  readonly reviewRequests: {
    readonly nodes: readonly ({ readonly requestedReviewer: Reviewer | null } | null)[] | null;
  } | null;
  readonly reviews: {
    readonly nodes: readonly ({ readonly author: { readonly login: string } | null } | null)[] | null;
  } | null;
  readonly comments: CommentsPage;
  readonly mergeCommit: MergeCommit | null;
}

export interface CommentsPage {
  /** Backwards: the newest page comes first. */
  readonly pageInfo: { readonly hasPreviousPage: boolean; readonly startCursor: string | null };
  readonly nodes: readonly (InspectedComment | null)[] | null;
}

interface MergeCommit {
  readonly statusCheckRollup: { readonly contexts: ChecksPage } | null;
}

interface ChecksPage {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly nodes: readonly (InspectedCheck | null)[] | null;
}

/** What `moreCommentsQuery` and `moreChecksQuery` give, as `t0`. */
export interface MoreOfPull {
  readonly pullRequest: {
    readonly comments?: CommentsPage;
    readonly mergeCommit?: MergeCommit | null;
  } | null;
}

interface Reviewer {
  readonly login?: string;
  readonly slug?: string;
  readonly organization?: { readonly login: string };
}

interface InspectedComment {
  readonly body: string;
  readonly createdAt: string;
  readonly lastEditedAt: string | null;
  readonly isMinimized: boolean;
  readonly author: { readonly __typename: string; readonly login: string } | null;
}

export type InspectedCheck =
  | {
      readonly __typename: 'StatusContext';
      readonly context: string;
      readonly state: string;
      readonly createdAt: string;
    }
  | {
      readonly __typename: 'CheckRun';
      readonly name: string;
      readonly conclusion: string | null;
      readonly completedAt: string | null;
    };

const commentsPage =
  'pageInfo { hasPreviousPage startCursor } nodes { body createdAt lastEditedAt isMinimized author { __typename login } }';
const checksPage = `pageInfo { hasNextPage endCursor } nodes { __typename
          ... on StatusContext { context state createdAt }
          ... on CheckRun { name conclusion completedAt }
        }`;

/** The hundred comments before a cursor. */
export function moreCommentsQuery(place: PullRequestQuestion, before: string): Query {
  return moreQuery(place, before, `comments(last: 100, before: $cursor) { ${commentsPage} }`);
}

/** The hundred statuses and checks after a cursor. */
export function moreChecksQuery(place: PullRequestQuestion, after: string): Query {
  const contexts = `contexts(first: 100, after: $cursor) { ${checksPage} }`;
  return moreQuery(place, after, `mergeCommit { statusCheckRollup { ${contexts} } }`);
}

function moreQuery({ repository, number }: PullRequestQuestion, cursor: string, field: string): Query {
  const [owner = '', name = ''] = repository.split('/');
  const variables = { owner, name, number, cursor };
  const part = `t0: repository(owner: $owner, name: $name) { pullRequest(number: $number) { ${field} } }`;
  return { text: wrap([part], variables), variables };
}

/** Asks what pull requests say: their text, who is to review, what was said of the merge commit. */
export function inspectQuery(places: readonly PullRequestQuestion[]): Query {
  const variables: Record<string, string | number> = {};
  const parts = places.map(({ repository, number, branch, file }, index) => {
    const of = (name: string, value: string | number): string => {
      variables[`${name}${String(index)}`] = value;
      return `$${name}${String(index)}`;
    };
    const [owner = '', name = ''] = repository.split('/');
    return `t${String(index)}: repository(owner: ${of('o', owner)}, name: ${of('n', name)}) {
      head: ref(qualifiedName: ${of('q', `refs/heads/${branch}`)}) { target { oid } }
      file: object(expression: ${of('f', `refs/heads/${branch}:${file}`)}) { ... on Blob { text isTruncated } }
      pullRequest(number: ${of('i', number)}) {
        body mergedAt baseRef { target { oid } }
        labels(first: 50) { nodes { name } }
        reviewRequests(first: 50) { nodes { requestedReviewer { ... on User { login } ... on Team { slug organization { login } } } } }
        reviews(last: 50) { nodes { author { login } } }
        comments(last: 50) { ${commentsPage} }
        mergeCommit { statusCheckRollup { contexts(first: 100) { ${checksPage} } } }
      }
    }`;
  });
  return { text: wrap(parts, variables), variables };
}

/** Names travel as variables, so that none of them can be read as a part of the query. */
function wrap(parts: readonly string[], variables: Readonly<Record<string, string | number>>): string {
  const declared = Object.entries(variables).map(
    ([name, value]) => `$${name}: ${typeof value === 'number' ? 'Int!' : 'String!'}`,
  );
  return `query(${declared.join(', ')}) {\n    ${parts.join('\n    ')}\n  }`;
}
