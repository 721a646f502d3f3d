import type { RepoPath, RepositoryId } from './named.ts';

/** What is asked about one target; answered without a clone, so that thousands can be asked at once. */
export interface Question {
  readonly repository: RepositoryId;
  /** A file of the base branch: the target's lock. */
  readonly file: RepoPath;
  /** Head branches its pull requests come from. */
  readonly branches: readonly string[];
}

export interface Answer {
  /** What the base branch has in the file; undefined: there is none. */
  readonly text: string | undefined;
  /** One for each branch asked for. */
  readonly branches: ReadonlyMap<string, BranchRecord>;
}

export interface BranchRecord {
  /** Whether the branch exists now. */
  readonly exists: boolean;
  /** All pull requests from it to the base branch, newest first; those of forks are not among them. */
  readonly pullRequests: readonly PullRequestRecord[];
}

export interface PullRequestRecord {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** When, as `2026-11-24T10:00:00Z`. */
  readonly createdAt: string;
  readonly mergedAt: string | undefined;
}

/** One pull request to look at closely. */
export interface PullRequestQuestion {
  readonly repository: RepositoryId;
  readonly number: number;
  readonly branch: string;
  /** A file of its head branch: the target's lock. */
  readonly file: RepoPath;
}

/** What a pull request says beyond where it stands. */
export interface Inspection {
  readonly mergedAt: string | undefined;
  /** Everything that was said of it since it was merged, in no order; what can't be read whole is a problem instead. */
  readonly remarks: readonly Remark[];
  readonly body: string;
  readonly labels: readonly string[];
  /** Who was asked for review or has reviewed: logins and `organisation/team`. */
  readonly reviewers: readonly string[];
  /** What the head branch has in the file; undefined: it is gone. */
  readonly text: string | undefined;
  /** Digest of the bundle that a run on this machine found the head branch to hold, and nothing else, by comparing trees:
   *  the commit it is at now, over the one the base branch is at now. undefined: not known. */
  readonly holds: string | undefined;
}

/** Something said of a pull request, or of the commit it was merged as. */
export type Remark =
  | {
      readonly kind: 'comment';
      readonly by: string;
      /** A person who may write to the repository. */
      readonly isMaintainer: boolean;
      readonly at: string;
      /** When its text was changed last, if it was. */
      readonly editedAt?: string | undefined;
      /** Someone folded it away, as spam, outdated or resolved. */
      readonly isMinimized?: boolean;
      /** Markdown. */
      readonly text: string;
    }
  | {
      /** A commit status or a check run. */
      readonly kind: 'status';
      readonly name: string;
      readonly at: string;
      /** `skipped`: it ran to its end without saying yes or no. */
      readonly state: 'success' | 'failure' | 'pending' | 'skipped';
    };

/** What someone found out about a merged step on the cluster. */
export interface Attestation {
  readonly isGood: boolean;
  /** Who said so: a login, or the name of a commit status. */
  readonly by: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
}
