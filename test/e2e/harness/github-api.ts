import { createHash, verify } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkRequest, checkResponse, findOperation } from './openapi.ts';
import type { FaultPlan } from './faults.ts';
import type { LimitKeeper } from './github-limits.ts';
import { answerQuery } from './github-graphql.ts';
import { sample } from './sample.ts';

export interface Pull {
  readonly number: number;
  readonly createdAt: string;
  /** Someone's fork has a branch of the same name. */
  readonly isFork: boolean;
  mergeCommit: string | undefined;
  readonly comments: { author: string; body: string; at: string }[];
  readonly repository: string;
  readonly branch: string;
  readonly base: string;
  readonly draft: boolean;
  title: string;
  body: string;
  state: 'open' | 'closed';
  mergedAt: string | null;
  readonly labels: string[];
  readonly reviewers: string[];
  readonly teams: string[];
}

/** What GitHub reads out of repositories. */
export interface GitReader {
  /** The id of the commit a ref is at. */
  head(repository: string, ref: string): string | undefined;
  /** The text of `revision:path`. */
  text(repository: string, expression: string): string | undefined;
  /** The commit a ref is at. */
  commit(
    repository: string,
    ref: string,
  ): { readonly oid: string; readonly message: string; readonly parents: readonly string[] } | undefined;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** The query of the next page. */
  readonly next?: string;
}

/** What GitHub would remember, and how it goes wrong. */
export class GitHubState {
  token = 'ghs_0123456789abcdefTOKEN';
  /** Public key of the GitHub App that may ask for a token. */
  appKey = '';
  readonly pulls: Pull[] = [];
  /** Every request: `POST /repos/acme/shop/pulls`. */
  readonly requests: string[] = [];
  /** What people may do, in every repository; whoever is not here may read. */
  readonly permissions: Record<string, 'admin' | 'write' | 'read' | 'none'> = { alice: 'write' };
  /** What GitHub's own description says against a request or an answer; must stay empty. */
  readonly violations: string[] = [];
  /** Answers that were "not modified": they cost nothing of the hourly limit. */
  unchanged = 0;
  /** The answer to the next request of this kind is lost after the work was done. */
  loseNextAnswerTo: string | undefined;
  /** Refuses what goes beyond limits; undefined: there are none. */
  limits: LimitKeeper | undefined;
  /** Told each request before it is served. */
  onRequest: (request: string) => void = () => undefined;
  readonly statuses: {
    readonly sha: string;
    readonly context: string;
    readonly state: string;
    readonly at: string;
    /** Of a check run; without one it is a commit status. */
    readonly conclusion?: string;
  }[] = [];
  /** Milliseconds since 1970. */
  now = () => Date.now();
  readonly git: GitReader;
  readonly #repositories: ReadonlySet<string>;

  constructor(repositories: readonly string[], git: GitReader) {
    this.#repositories = new Set(repositories);
    this.git = git;
  }

  knows(repository: string): boolean {
    return this.#repositories.has(repository);
  }

  date(): string {
    return new Date(this.now()).toISOString();
  }

  urlOf({ repository, number }: Pull): string {
    return `https://ghe.example.com/${repository}/pull/${String(number)}`;
  }

  /** The newest pull request from a branch. */
  pull(repository: string, branch: string): Pull {
    const found = this.pulls.findLast((pull) => pull.repository === repository && pull.branch === branch);
    if (found === undefined) throw new Error(`${repository} has no pull request from ${branch}`);
    return found;
  }

  /** Someone says something. */
  say(pull: Pull, body: string, author = 'alice'): void {
    pull.comments.push({ author, body, at: this.date() });
  }

  #headOf(repository: string, branch: string): string {
    return this.git.head(repository, `refs/heads/${branch}`) ?? '0'.repeat(40);
  }

  open(repository: string): readonly Pull[] {
    return this.pulls.filter((pull) => pull.repository === repository && pull.state === 'open');
  }

  /** One request: path without the API's root. */
  answer(method: string, path: string, query: URLSearchParams, authorization: string, body: unknown): Answer {
    this.requests.push(`${method} ${path}`);
    this.onRequest(`${method} ${path}`);
    if (path === '/graphql') {
      if (authorization !== `token ${this.token}` && authorization !== `bearer ${this.token}`)
        return { status: 401, body: { message: 'Bad credentials' } };
      return answerQuery(this, body as { query: string });
    }
    const found = findOperation(method, path);
    if (found === undefined) {
      this.violations.push(`${method} ${path} is no operation of GitHub's that is known here`);
      return { status: 404, body: { message: 'Not Found' } };
    }
    this.violations.push(...checkRequest(found, query, body));
    const isApp = found.operation.operationId === 'apps/create-installation-access-token';
    const { owner = '', repo = '', ...rest } = found.values;
    const result = isApp
      ? this.#installationToken(authorization)
      : authorization !== `token ${this.token}`
        ? {
            status: 401,
            body: {
              message: 'Bad credentials',
              documentation_url: 'https://docs.github.com/rest',
              status: '401',
            },
          }
        : this.#repositories.has(`${owner}/${repo}`)
          ? this.#serve(
              found.operation.operationId,
              `${owner}/${repo}`,
              rest,
              query,
              (body ?? {}) as Record<string, unknown>,
            )
          : {
              status: 404,
              body: {
                message: 'Not Found',
                documentation_url: 'https://docs.github.com/rest',
                status: '404',
              },
            };
    this.violations.push(...checkResponse(found, result.status, result.body));
    return result;
  }

  #serve(
    operation: string,
    repository: string,
    values: Readonly<Record<string, string>>,
    query: URLSearchParams,
    body: Record<string, unknown>,
  ): Answer {
    const number = Number(values.pull_number ?? values.issue_number);
    const pull = this.pulls.find((each) => each.repository === repository && each.number === number);
    switch (operation) {
      case 'repos/get':
        return {
          status: 200,
          body: sample('full-repository', { full_name: repository, default_branch: 'main' }),
        };
      case 'pulls/list': {
        const branch = (query.get('head') ?? '').split(':')[1];
        const listed = this.pulls.filter((each) => each.repository === repository && each.branch === branch);
        return { status: 200, body: listed.reverse().map((each) => this.#show(each, 'pull-request-simple')) };
      }
      case 'pulls/create':
        return this.#create(repository, body);
      case 'pulls/get':
        if (pull === undefined) break;
        return { status: 200, body: this.#show(pull, 'pull-request') };
      case 'issues/list-comments':
        if (pull === undefined) break;
        return pageOf(pull.comments.map(showComment), query);
      case 'issues/create-comment': {
        if (pull === undefined) break;
        const comment = {
          author: 'meshwright[bot]',
          body: String(body.body),
          at: this.date(),
        };
        pull.comments.push(comment);
        return { status: 201, body: showComment(comment) };
      }
      case 'repos/get-collaborator-permission-level': {
        const permission = this.permissions[values.username ?? ''] ?? 'read';
        return { status: 200, body: { permission, role_name: permission, user: null } };
      }
      case 'pulls/update':
        if (pull === undefined) break;
        Object.assign(pull, {
          title: body.title ?? pull.title,
          body: body.body ?? pull.body,
          state: body.state ?? pull.state,
        });
        return { status: 200, body: this.#show(pull, 'pull-request') };
      case 'pulls/list-reviews':
        return { status: 200, body: [] };
      case 'pulls/request-reviewers':
        if (pull === undefined) break;
        add(pull.reviewers, body.reviewers);
        add(pull.teams, body.team_reviewers);
        return { status: 201, body: this.#show(pull, 'pull-request-simple') };
      case 'issues/add-labels':
        if (pull === undefined) break;
        add(pull.labels, body.labels);
        return { status: 200, body: pull.labels.map((name) => sample('label', { name })) };
    }
    return { status: 404, body: { message: 'Not Found' } };
  }

  /** A token for whoever shows a signed claim to be the app. */
  #installationToken(authorization: string): Answer {
    const [header = '', claim = '', signature = ''] = authorization.replace(/^bearer /i, '').split('.');
    const isSigned = verify(
      'RSA-SHA256',
      Buffer.from(`${header}.${claim}`),
      this.appKey,
      Buffer.from(signature, 'base64url'),
    );
    if (!isSigned) return { status: 401, body: { message: 'A JSON web token could not be decoded' } };
    const expires = '2100-01-01T00:00:00Z';
    return {
      status: 201,
      body: sample('installation-token', { token: this.token, expires_at: expires, permissions: {} }),
    };
  }

  #create(repository: string, body: Record<string, unknown>): Answer {
    const branch = String(body.head);
    if (this.open(repository).some((each) => each.branch === branch))
      return {
        status: 422,
        body: {
          message: 'Validation Failed',
          errors: [
            {
              resource: 'PullRequest',
              code: 'custom',
              message: `A pull request already exists for acme:${branch}.`,
            },
          ],
          documentation_url: 'https://docs.github.com/rest',
        },
      };
    const pull: Pull = {
      number: this.pulls.length + 1,
      repository,
      branch,
      base: String(body.base),
      draft: body.draft === true,
      title: String(body.title),
      body: String(body.body),
      state: 'open',
      mergedAt: null,
      createdAt: this.date(),
      isFork: false,
      mergeCommit: undefined,
      comments: [],
      labels: [],
      reviewers: [],
      teams: [],
    };
    this.pulls.push(pull);
    return { status: 201, body: this.#show(pull, 'pull-request') };
  }

  #show(pull: Pull, schema: 'pull-request' | 'pull-request-simple'): unknown {
    const side = (ref: string) => {
      const { head } = sample(schema, {}) as { head: Record<string, unknown> };
      return { ...head, ref, sha: this.#headOf(pull.repository, ref) };
    };
    return sample(schema, {
      number: pull.number,
      html_url: this.urlOf(pull),
      state: pull.state,
      created_at: pull.createdAt,
      merged_at: pull.mergedAt,
      title: pull.title,
      // GitHub gives bodies back with the line ends of a form.
      body: pull.body.replaceAll('\n', '\r\n'),
      draft: pull.draft,
      head: side(pull.branch),
      base: side(pull.base),
      labels: pull.labels.map((name) => sample('label', { name, description: 'text' })),
      requested_reviewers: pull.reviewers.map((login) => sample('simple-user', { login })),
      requested_teams: pull.teams.map((slug) => sample('team', { slug })),
    });
  }
}

/** Who is asked, or what is there, is asked or there once. */
function add(present: string[], more: unknown): void {
  present.push(...((more ?? []) as string[]).filter((name) => !present.includes(name)));
}

/** A page of a list, and a link to the next one when there is more.
 *  @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
function pageOf(all: readonly unknown[], query: URLSearchParams): Answer {
  const size = Number(query.get('per_page') ?? 30);
  const page = Number(query.get('page') ?? 1);
  const body = all.slice((page - 1) * size, page * size);
  if (page * size >= all.length) return { status: 200, body };
  const next = new URLSearchParams(query);
  next.set('page', String(page + 1));
  return { status: 200, body, next: next.toString() };
}

function showComment({ author, body, at }: Pull['comments'][number]): unknown {
  return sample('issue-comment', {
    body,
    user: sample('simple-user', { login: author }),
    created_at: at,
  });
}

/** Serves the state below a root such as `/api/v3`; GraphQL is at `/api/graphql`. */
export function handleApi(state: GitHubState, root: string, faults: FaultPlan) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const parts: Buffer[] = [];
    request.on('data', (chunk: Buffer) => parts.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const text = Buffer.concat(parts).toString();
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      const path = url.pathname === '/api/graphql' ? '/graphql' : url.pathname.slice(root.length);
      const method = request.method ?? 'GET';
      faults.pass(`${method} ${path}`, request, response, (delivery) => {
        const isCreation = findOperation(method, path)?.operation['x-github']?.triggersNotification === true;
        const turn = state.limits?.enter(method, path, isCreation);
        response.on('close', () => {
          turn?.leave(response.statusCode === 304);
        });
        for (const [name, value] of Object.entries(state.limits?.headers(path) ?? {}))
          response.setHeader(name, value);
        if (turn?.refusal !== undefined) {
          const { status, headers, body: said } = turn.refusal;
          response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
          response.end(JSON.stringify(said));
          return;
        }
        const serve = () =>
          state.answer(method, path, url.searchParams, request.headers.authorization ?? '', body);
        if (delivery === 'twice') serve();
        const answer = serve();
        if (state.loseNextAnswerTo === `${method} ${path}`) {
          state.loseNextAnswerTo = undefined;
          request.socket.destroy();
          return;
        }
        if (answer.next !== undefined)
          response.setHeader(
            'link',
            `<http://${request.headers.host ?? ''}${url.pathname}?${answer.next}>; rel="next"`,
          );
        send(state, request, response, answer);
      });
    });
  };
}

/** With a tag where GitHub gives one, and nothing new where the tag is known. */
function send(
  state: GitHubState,
  request: IncomingMessage,
  response: ServerResponse,
  { status, body }: Answer,
): void {
  const text = JSON.stringify(body);
  const etag = `W/"${createHash('sha256').update(text).digest('hex')}"`;
  const isTagged = request.method === 'GET' && status === 200;
  const isKnown = isTagged && request.headers['if-none-match'] === etag;
  if (isKnown) state.unchanged++;
  response.statusCode = isKnown ? 304 : status;
  response.setHeader('content-type', 'application/json; charset=utf-8');
  if (isTagged) response.setHeader('etag', etag);
  response.end(isKnown ? '' : text);
}
