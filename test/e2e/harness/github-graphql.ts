import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  buildSchema,
  executeSync,
  parse,
  validate,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import type { GitHubState, Pull } from './github-api.ts';

/** The package names no way to its own file but from its entry. */
const file = join(dirname(fileURLToPath(import.meta.resolve('@octokit/graphql-schema'))), 'schema.graphql');
let built: GraphQLSchema | undefined;

/** The schema that GitHub publishes. */
function schema(): GraphQLSchema {
  built ??= buildSchema(readFileSync(file, 'utf8'), { assumeValid: true });
  return built;
}

interface Read {
  readonly document: DocumentNode;
  /** What the schema says against it. */
  readonly wrong: readonly GraphQLError[];
}
const known = new Map<string, Read>();

function read(query: string): Read {
  const found = known.get(query);
  if (found !== undefined) return found;
  const document = parse(query);
  const fresh = { document, wrong: validate(schema(), document) };
  known.set(query, fresh);
  return fresh;
}

/** Answers a query as GitHub would, over the state and the real repositories. What the schema says against the query is a
 *  violation. */
export function answerQuery(
  state: GitHubState,
  { query, variables }: { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> },
): { readonly status: number; readonly body: unknown } {
  const { document, wrong } = read(query);
  state.violations.push(...wrong.map(({ message }) => `graphql: ${message}`));
  if (wrong.length > 0) return { status: 200, body: { errors: wrong.map(({ message }) => ({ message })) } };
  const missing: { type: string; path: (string | number)[]; message: string }[] = [];
  const rootValue = {
    repository: (
      { owner, name }: { owner: string; name: string },
      _: unknown,
      info: { readonly path: { readonly key: string | number } },
    ) => {
      if (state.knows(`${owner}/${name}`)) return repositoryOf(state, `${owner}/${name}`);
      const message = `Could not resolve to a Repository with the name '${owner}/${name}'.`;
      missing.push({ type: 'NOT_FOUND', path: [info.path.key], message });
      return null;
    },
  };
  const result = executeSync({ schema: schema(), document, rootValue, variableValues: variables ?? {} });
  state.violations.push(...(result.errors ?? []).map(({ message }) => `graphql: ${message}`));
  const errors = [...(result.errors ?? []).map(({ message }) => ({ message })), ...missing];
  return { status: 200, body: { data: result.data, ...(errors.length > 0 && { errors }) } };
}

interface Page {
  readonly first?: number;
  readonly last?: number;
  readonly after?: string;
  readonly before?: string;
}

function repositoryOf(state: GitHubState, repository: string): object {
  const { git } = state;
  return {
    nameWithOwner: repository,
    defaultBranchRef: { name: 'main' },
    object: ({ expression }: { expression: string }) => {
      const text = git.text(repository, expression);
      return text === undefined
        ? null
        : { __typename: 'Blob', text, isTruncated: false, byteSize: text.length };
    },
    ref: ({ qualifiedName }: { qualifiedName: string }) => refOf(state, repository, qualifiedName),
    pullRequests: ({ headRefName, first }: { headRefName: string } & Page) => {
      const all = state.pulls.filter((pull) => pull.repository === repository && pull.branch === headRefName);
      return page(
        [...all].reverse().map((pull) => pullOf(state, pull)),
        { first: first ?? 100 },
      );
    },
    pullRequest: ({ number }: { number: number }) => {
      const pull = state.pulls.find((each) => each.repository === repository && each.number === number);
      return pull === undefined ? null : pullOf(state, pull);
    },
  };
}

function refOf(state: GitHubState, repository: string, qualifiedName: string): object | null {
  const commit = state.git.commit(repository, qualifiedName);
  if (commit === undefined) return null;
  const { oid, message, parents } = commit;
  const target = {
    __typename: 'Commit',
    oid,
    message,
    parents: (range: Page) =>
      page(
        parents.map((parent) => ({ oid: parent })),
        range,
      ),
  };
  return { name: qualifiedName.replace('refs/heads/', ''), target };
}

function pullOf(state: GitHubState, pull: Pull): object {
  const { repository } = pull;
  const statuses = state.statuses.filter(({ sha }) => sha === pull.mergeCommit);
  const reviewers = [
    ...pull.reviewers.map((login) => ({ __typename: 'User', login })),
    ...pull.teams.map((slug) => ({
      __typename: 'Team',
      slug,
      organization: { login: repository.split('/')[0] },
    })),
  ];
  const contexts = statuses.map(({ context, state: said, at, conclusion }) =>
    conclusion === undefined
      ? { __typename: 'StatusContext', context, state: said.toUpperCase(), createdAt: at }
      : { __typename: 'CheckRun', name: context, conclusion, completedAt: at },
  );
  return {
    number: pull.number,
    url: state.urlOf(pull),
    state: pull.state === 'open' ? 'OPEN' : pull.mergedAt === null ? 'CLOSED' : 'MERGED',
    createdAt: pull.createdAt,
    mergedAt: pull.mergedAt,
    isCrossRepository: pull.isFork,
    baseRefName: pull.base,
    body: pull.body.replaceAll('\n', '\r\n'),
    baseRef: refOf(state, repository, `refs/heads/${pull.base}`),
    labels: (range: Page) =>
      page(
        pull.labels.map((name) => ({ name })),
        range,
      ),
    reviewRequests: (range: Page) =>
      page(
        reviewers.map((requestedReviewer) => ({ requestedReviewer })),
        range,
      ),
    reviews: (range: Page) => page([], range),
    comments: (range: Page) =>
      page(
        pull.comments.map(({ author, body, at }) => ({
          body,
          createdAt: at,
          lastEditedAt: null,
          isMinimized: false,
          author: {
            __typename: author.endsWith('[bot]') ? 'Bot' : 'User',
            login: author.replace('[bot]', ''),
          },
        })),
        range,
      ),
    mergeCommit:
      pull.mergeCommit === undefined
        ? null
        : {
            oid: pull.mergeCommit,
            statusCheckRollup:
              contexts.length === 0 ? null : { contexts: (range: Page) => page(contexts, range) },
          },
  };
}

/** A connection. GitHub refuses one that does not say how many, or wants more than a hundred. A cursor is a place in the list. */
function page(nodes: readonly unknown[], { first, last, after, before }: Page): object {
  const size = first ?? last;
  if (size === undefined || size > 100) throw new Error('a connection needs first or last, at most 100');
  const from = after === undefined ? 0 : Number(after) + 1;
  const to = before === undefined ? nodes.length : Number(before);
  const start = first === undefined ? Math.max(from, to - size) : from;
  const end = first === undefined ? to : Math.min(to, from + size);
  return {
    nodes: nodes.slice(start, end),
    totalCount: nodes.length,
    pageInfo: {
      hasNextPage: end < nodes.length,
      hasPreviousPage: start > 0,
      startCursor: start < end ? String(start) : null,
      endCursor: start < end ? String(end - 1) : null,
    },
  };
}
