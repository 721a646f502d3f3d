import type { RepositoryId } from '../model/named.ts';
import type { Outcome, Problem } from '../model/problem.ts';
import type { GitRepository } from './git-repository.ts';

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  readonly title: string;
  readonly body: string;
  /** Commit the head branch was at. */
  readonly head: string;
  readonly base: string;
  readonly labels: readonly string[];
  /** Logins and `organisation/team` names asked for review. */
  readonly reviewers: readonly string[];
}

interface NewPullRequest {
  readonly title: string;
  readonly body: string;
  readonly branch: string;
  readonly base: string;
  readonly draft: boolean;
}

/** The part in which forges differ: repositories and pull requests. */
export interface PullRequestHost {
  /** Finds the repository.
   *  @returns its default branch when the host knows it better than git */
  find(repository: RepositoryId): Promise<Outcome<{ readonly defaultBranch: string | undefined }>>;
  clone(repository: RepositoryId): Promise<GitRepository>;
  /** The pull requests from a branch of the repository itself, newest first. */
  list(repository: RepositoryId, branch: string): Promise<Outcome<readonly PullRequest[]>>;
  create(repository: RepositoryId, wanted: NewPullRequest): Promise<Outcome<PullRequest>>;
  update(
    repository: RepositoryId,
    number: number,
    changes: { title: string; body: string },
  ): Promise<Outcome<void>>;
  /** Adds labels and asks reviewers that are missing; what is refused is a warning, since the pull request is there. */
  decorate(
    repository: RepositoryId,
    pullRequest: PullRequest,
    labels: readonly string[],
    reviewers: readonly string[],
  ): Promise<{ readonly hasChanged: boolean; readonly problems: readonly Problem[] }>;
}
