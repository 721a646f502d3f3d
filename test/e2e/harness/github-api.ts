import { verify } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkRequest, checkResponse, findOperation } from './openapi.ts';
import { sample } from './sample.ts';

interface Pull {
  readonly number: number;
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

/** What GitHub would remember, and how it goes wrong. */
export class GitHubState {
  token = 'ghs_0123456789abcdefTOKEN';
  /** Public key of the GitHub App that may ask for a token. */
  appKey = '';
  readonly pulls: Pull[] = [];
  /** Every request: `POST /repos/acme/shop/pulls`. */
  readonly requests: string[] = [];
  /** What GitHub's own description says against a request or an answer; must stay empty. */
  readonly violations: string[] = [];
  /** The answer to the next request of this kind is lost after the work was done. */
  loseNextAnswerTo: string | undefined;
  /** Told each request before it is served. */
  onRequest: (request: string) => void = () => undefined;
  readonly #repositories: ReadonlySet<string>;
  readonly #headOf: (repository: string, branch: string) => string;

  constructor(repositories: readonly string[], headOf: (repository: string, branch: string) => string) {
    this.#repositories = new Set(repositories);
    this.#headOf = headOf;
  }

  open(repository: string): readonly Pull[] {
    return this.pulls.filter((pull) => pull.repository === repository && pull.state === 'open');
  }

  /** One request: path without the API's root. */
  answer(
    method: string,
    path: string,
    query: URLSearchParams,
    authorization: string,
    body: unknown,
  ): { status: number; body: unknown } {
    this.requests.push(`${method} ${path}`);
    this.onRequest(`${method} ${path}`);
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
  ): { status: number; body: unknown } {
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
      case 'pulls/update':
        if (pull === undefined) break;
        Object.assign(pull, { title: body.title ?? pull.title, body: body.body ?? pull.body });
        return { status: 200, body: this.#show(pull, 'pull-request') };
      case 'pulls/list-reviews':
        return { status: 200, body: [] };
      case 'pulls/request-reviewers':
        if (pull === undefined) break;
        pull.reviewers.push(...((body.reviewers ?? []) as string[]));
        pull.teams.push(...((body.team_reviewers ?? []) as string[]));
        return { status: 201, body: this.#show(pull, 'pull-request-simple') };
      case 'issues/add-labels':
        if (pull === undefined) break;
        pull.labels.push(...(body.labels as string[]));
        return { status: 200, body: pull.labels.map((name) => sample('label', { name })) };
    }
    return { status: 404, body: { message: 'Not Found' } };
  }

  /** A token for whoever shows a signed claim to be the app. */
  #installationToken(authorization: string): { status: number; body: unknown } {
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

  #create(repository: string, body: Record<string, unknown>): { status: number; body: unknown } {
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
    const url = `https://ghe.example.com/${pull.repository}/pull/${String(pull.number)}`;
    return sample(schema, {
      number: pull.number,
      html_url: url,
      state: pull.state,
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

/** Serves the state below a root such as `/api/v3`. */
export function handleApi(state: GitHubState, root: string) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const parts: Buffer[] = [];
    request.on('data', (chunk: Buffer) => parts.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://localhost');
      const text = Buffer.concat(parts).toString();
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      const path = url.pathname.slice(root.length);
      const method = request.method ?? 'GET';
      const answer = state.answer(method, path, url.searchParams, request.headers.authorization ?? '', body);
      if (state.loseNextAnswerTo === `${method} ${path}`) {
        state.loseNextAnswerTo = undefined;
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(answer.body));
    });
  };
}
