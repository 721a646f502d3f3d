import type { RepositoryId } from '../model/named.ts';
import type { Outcome, Problem } from '../model/problem.ts';
import type { Query } from './github-queries.ts';

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

export function present<T>(nodes: readonly (T | null)[] | null | undefined): readonly T[] {
  return (nodes ?? []).filter((node) => node !== null);
}

export function graphqlProblem(repository: RepositoryId, error: GraphqlError | undefined): Problem {
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
    message: `${repository}: GitHub's rate limit has been reached. (${error.message})`,
    fix: 'Wait until the limit resets, then run again; what is done is kept.',
  };
}

export function unanswered(repository: RepositoryId): Problem {
  return {
    rule: 'forge-network',
    severity: 'error',
    message: `${repository}: GitHub returned no answer about it.`,
    fix: 'Run again: what is done is kept, and nothing is done twice.',
  };
}
