import type { RepositoryId } from '../model/named.ts';
import type { Forge } from '../model/ports.ts';
import type { Outcome, Problem } from '../model/problem.ts';
import type { Inspection, PullRequestQuestion } from '../model/survey.ts';
import type { GitRepository } from './git-repository.ts';

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  readonly title: string;
  readonly body: string;
  /** Commit the head branch was at. */
  readonly head: string;
  /** Branch it goes to. */
  readonly base: string;
  /** When, as `2026-11-24T10:00:00Z`. */
  readonly created: string;
  readonly merged: string | undefined;
  readonly labels: readonly string[];
  /** Logins and `organisation/team` names asked for review. */
  readonly reviewers: readonly string[];
}

export interface CreatedPullRequest {
  readonly pullRequest: PullRequest;
  /** False: it was there. */
  readonly isNew: boolean;
}

export interface NewPullRequest {
  readonly title: string;
  readonly body: string;
  readonly branch: string;
  readonly base: string;
  readonly draft: boolean;
}

/** What the host can say of a pull request by itself. */
export type HostInspection = Omit<Inspection, 'holds'> & {
  /** The commits that the head branch and the base branch are at. */
  readonly head: string | undefined;
  readonly base: string | undefined;
};

/** The part in which forges differ: repositories and pull requests. */
export interface PullRequestHost {
  /** Of its repositories' URLs, without a port; undefined: a folder, which stands for any. */
  readonly host: string | undefined;
  /** Whether the repository is there to be seen: asked when git failed. */
  find(repository: RepositoryId): Promise<Outcome<void>>;
  clone(repository: RepositoryId): Promise<GitRepository>;
  /** The pull requests from a branch of the repository itself, newest first. */
  list(repository: RepositoryId, branch: string): Promise<Outcome<readonly PullRequest[]>>;
  /** Opens a pull request, unless another run has opened one from this branch to this base: then that is the one. */
  create(repository: RepositoryId, wanted: NewPullRequest): Promise<Outcome<CreatedPullRequest>>;
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
  readonly survey: Forge['survey'];
  inspect(places: readonly PullRequestQuestion[]): Promise<readonly Outcome<HostInspection>[]>;
  readonly close: Forge['close'];
}

/** Forges turn line ends into CRLF and trim. */
export function sameText(one: string, other: string): boolean {
  const plain = (text: string) => text.replaceAll('\r\n', '\n').trim();
  return plain(one) === plain(other);
}
