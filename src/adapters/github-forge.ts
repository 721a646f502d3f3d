import type { Octokit, RestEndpointMethodTypes } from '@octokit/rest';
import type { RepositoryId } from '../model/named.ts';
import type { Forge } from '../model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import type { Answer, PullRequestQuestion, Question } from '../model/survey.ts';
import { BranchRecords } from './branch-records.ts';
import { createForge } from './forge.ts';
import { GitMemory, GitRepository } from './git-repository.ts';
import { connect, type ClientOptions } from './github-client.ts';
import type { AccessSource } from './git-run.ts';
import { gitAccess, gitOrigin } from './github-access.ts';
import { githubProblem } from './github-problem.ts';
import { refusedQuery, type Ask, type GraphqlAnswer } from './github-answer.ts';
import { inspectGitHub, surveyGitHub } from './github-survey.ts';
import type { Query } from './github-queries.ts';
import type { MayWrite } from './github-remarks.ts';
import {
  sameText,
  type CreatedPullRequest,
  type HostInspection,
  type NewPullRequest,
  type PullRequest,
  type PullRequestHost,
} from './pull-requests.ts';
import { hideSecret } from './redact.ts';

/** GitHub, or a GitHub Enterprise Server. */
export function createGitHubForge(options: ClientOptions): Forge {
  return createForge(new GitHubHost(options), new BranchRecords(options.cacheDirectory));
}

type Listed = RestEndpointMethodTypes['pulls']['list']['response']['data'][number];
type Created = RestEndpointMethodTypes['pulls']['create']['response']['data'];

class GitHubHost implements PullRequestHost {
  readonly host: string;
  readonly #octokit: Octokit;
  readonly #options: ClientOptions;
  readonly #memory = new GitMemory();
  readonly #writers = new Map<string, Promise<Outcome<boolean>>>();
  #access: Promise<AccessSource> | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.host = new URL(gitOrigin(options.api)).hostname;
    this.#octokit = connect(options);
  }

  find(repository: RepositoryId): Promise<Outcome<void>> {
    return this.#call(repository, async () => {
      await this.#octokit.rest.repos.get(split(repository));
    });
  }

  async clone(repository: RepositoryId): Promise<GitRepository> {
    const { cacheDirectory, network } = this.#options;
    const origin = gitOrigin(this.#options.api);
    this.#access ??= gitAccess(origin, () => this.#token(), cacheDirectory, network);
    const access = await this.#access;
    return GitRepository.open(`${origin}/${repository}.git`, this.#options.cacheDirectory, access, {
      isFiltered: true,
      memory: this.#memory,
    });
  }

  list(repository: RepositoryId, branch: string): Promise<Outcome<readonly PullRequest[]>> {
    const { owner, repo } = split(repository);
    return this.#call(repository, async () => {
      const data = await this.#octokit.paginate(this.#octokit.rest.pulls.list, {
        owner,
        repo,
        head: `${owner}:${branch}`,
        state: 'all',
        sort: 'created',
        direction: 'desc',
        per_page: 100,
      });
      return data.map((each) => asPullRequest(each, owner));
    });
  }

  async create(
    repository: RepositoryId,
    wanted: NewPullRequest,
    isSecondTry = false,
  ): Promise<Outcome<CreatedPullRequest>> {
    const { owner, repo } = split(repository);
    const { title, body, branch, base, draft } = wanted;
    const created = await this.#call(repository, async () => {
      const { data } = await this.#octokit.rest.pulls.create({
        owner,
        repo,
        title,
        body,
        head: branch,
        base,
        draft,
      });
      return asPullRequest(data, owner);
    });
    if (created.ok) return success({ pullRequest: created.value, isNew: true }, created.problems);
    // A lost answer to an earlier try leaves a pull request behind, and so does another run at the same moment, after which
    // GitHub says that one exists: it is the one that was wanted.
    const present = await this.list(repository, branch);
    const open = present.ok
      ? present.value.find((each) => each.state === 'open' && each.base === base)
      : undefined;
    const isPassing = created.problems.some(({ rule }) => rule === 'forge-network');
    if (open !== undefined) return success({ pullRequest: open, isNew: isPassing });
    return present.ok && isPassing && !isSecondTry ? this.create(repository, wanted, true) : created;
  }

  update(
    repository: RepositoryId,
    number: number,
    changes: { title: string; body: string },
  ): Promise<Outcome<void>> {
    return this.#call(repository, async () => {
      await this.#octokit.rest.pulls.update({ ...split(repository), pull_number: number, ...changes });
    });
  }

  async decorate(
    repository: RepositoryId,
    pullRequest: PullRequest,
    labels: readonly string[],
    reviewers: readonly string[],
  ): Promise<{ hasChanged: boolean; problems: readonly Problem[] }> {
    const missingLabels = labels.filter((label) => !pullRequest.labels.includes(label));
    const missingReviewers = reviewers.filter((reviewer) => !pullRequest.reviewers.includes(reviewer));
    const problems: Problem[] = [];
    let hasChanged = false;
    if (missingLabels.length > 0) {
      const added = await this.#call(repository, async () => {
        await this.#octokit.rest.issues.addLabels({
          ...split(repository),
          issue_number: pullRequest.number,
          labels: missingLabels,
        });
      });
      hasChanged ||= added.ok;
      if (!added.ok) problems.push(...added.problems.map(asWarning));
    }
    if (missingReviewers.length > 0) {
      const asked = await this.#askReviewers(repository, pullRequest.number, missingReviewers);
      hasChanged ||= asked.ok && asked.value;
      if (!asked.ok) problems.push(...asked.problems.map(asWarning));
    }
    return { hasChanged, problems };
  }

  survey(questions: readonly Question[], base: string | undefined): Promise<readonly Outcome<Answer>[]> {
    return surveyGitHub(questions, base, this.#ask, (repository, branch) => this.list(repository, branch));
  }

  inspect(places: readonly PullRequestQuestion[]): Promise<readonly Outcome<HostInspection>[]> {
    return inspectGitHub(places, this.#ask, this.#mayWrite);
  }

  /** Asked once a run for each person and repository. `maintain` counts as `write` here, `triage` as `read`.
   *  @see https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user */
  readonly #mayWrite: MayWrite = (repository, login) => {
    const key = `${repository} ${login.toLowerCase()}`;
    const asked = this.#writers.get(key) ?? this.#askPermission(repository, login);
    this.#writers.set(key, asked);
    return asked;
  };

  async #askPermission(repository: RepositoryId, username: string): Promise<Outcome<boolean>> {
    const asked = await this.#call(repository, async () => {
      const { data } = await this.#octokit.rest.repos.getCollaboratorPermissionLevel({
        ...split(repository),
        username,
      });
      return data.permission === 'admin' || data.permission === 'write';
    });
    if (asked.ok) return asked;
    // Who is no user any more is nobody's voice; anything else is not known, and stops what depends on it.
    if (asked.problems.every(({ rule }) => rule === 'forge-not-found')) return success(false);
    return failure(
      ...asked.problems.map((problem) =>
        problem.rule === 'forge-forbidden'
          ? {
              ...problem,
              message: `${repository}: GitHub does not say what ${username}, who commented on a merged pull request, may do there, so it is unknown whether the comment counts. ${problem.message}`,
              fix: 'Give the token read access to metadata and write access to contents of this repository.',
            }
          : problem,
      ),
    );
  }

  close(repository: RepositoryId, number: number, comment: string): Promise<Outcome<void>> {
    const place = split(repository);
    return this.#call(repository, async () => {
      const { data } = await this.#octokit.rest.pulls.get({ ...place, pull_number: number });
      if (data.state === 'closed') return;
      const issue = { ...place, issue_number: number };
      const comments = await this.#octokit.paginate(this.#octokit.rest.issues.listComments, {
        ...issue,
        per_page: 100,
      });
      // A run that was cut between the two has left its comment.
      if (!comments.some(({ body }) => sameText(body ?? '', comment)))
        await this.#octokit.rest.issues.createComment({ ...issue, body: comment });
      await this.#octokit.rest.pulls.update({ ...place, pull_number: number, state: 'closed' });
    });
  }

  readonly #ask: Ask = async (query, repository) => {
    for (let isAgain = false; ; isAgain = true) {
      const asked = await this.#call(repository, () => this.#graphql(query));
      if (!asked.ok) return asked;
      const { data, errors } = asked.value;
      if (data !== null) return success({ data: data as GraphqlAnswer['data'], errors });
      // GitHub says so in an answer that is fine in itself; the next turn comes when the limit is reset.
      if (isAgain || errors[0]?.type !== 'RATE_LIMITED') return failure(refusedQuery(repository, errors));
    }
  };

  /** What is missing is said beside what is there. */
  async #graphql({ text, variables }: Query): Promise<Pick<GraphqlAnswer, 'errors'> & { data: unknown }> {
    try {
      return { data: await this.#octokit.graphql<unknown>(text, { ...variables }), errors: [] };
    } catch (error) {
      if (!(error instanceof Error && 'data' in error && 'errors' in error)) throw error;
      return { data: error.data ?? null, errors: (error.errors ?? []) as GraphqlAnswer['errors'] };
    }
  }

  /** Who has reviewed is no longer among the requested, and is not asked again. */
  #askReviewers(
    repository: RepositoryId,
    number: number,
    wanted: readonly string[],
  ): Promise<Outcome<boolean>> {
    const place = { ...split(repository), pull_number: number };
    return this.#call(repository, async () => {
      const { data } = await this.#octokit.rest.pulls.listReviews({ ...place, per_page: 100 });
      const done = new Set(data.map((review) => review.user?.login.toLowerCase()));
      const people = wanted.filter((name) => !name.includes('/') && !done.has(name.toLowerCase()));
      const teams = data.length > 0 ? [] : wanted.filter((name) => name.includes('/'));
      if (people.length + teams.length === 0) return false;
      await this.#octokit.rest.pulls.requestReviewers({
        ...place,
        reviewers: people,
        team_reviewers: teams.map((name) => name.split('/')[1] ?? ''),
      });
      return true;
    });
  }

  async #token(): Promise<string> {
    const { credentials } = this.#options;
    if (credentials.kind === 'token') return credentials.token;
    const auth = (await this.#octokit.auth({ type: 'installation' })) as { readonly token: string };
    hideSecret(auth.token);
    return auth.token;
  }

  async #call<T>(repository: RepositoryId, request: () => Promise<T>): Promise<Outcome<T>> {
    try {
      return success(await request());
    } catch (error) {
      const { credentials } = this.#options;
      const secrets = credentials.kind === 'token' ? [credentials.token] : [credentials.privateKey];
      const problem = githubProblem(error, repository, secrets);
      if (problem === undefined) throw error;
      return failure(problem);
    }
  }
}

function asPullRequest(data: Listed | Created, owner: string): PullRequest {
  const isMerged = data.merged_at !== null;
  return {
    number: data.number,
    url: data.html_url,
    state: data.state === 'open' ? 'open' : isMerged ? 'merged' : 'closed',
    title: data.title,
    body: data.body ?? '',
    head: data.head.sha,
    base: data.base.ref,
    created: data.created_at,
    merged: data.merged_at ?? undefined,
    labels: data.labels.map(({ name }) => name),
    reviewers: [
      ...(data.requested_reviewers ?? []).map(({ login }) => login),
      ...(data.requested_teams ?? []).map(({ slug }) => `${owner}/${slug}`),
    ],
  };
}

function split(repository: RepositoryId): { readonly owner: string; readonly repo: string } {
  const [owner = '', repo = ''] = repository.split('/');
  return { owner, repo };
}

function asWarning(problem: Problem): Problem {
  return {
    ...problem,
    rule: 'pull-request-incomplete',
    severity: 'warning',
    fix: 'Add labels or reviewers by hand.',
  };
}
