/** What is known before the head branch is touched. */
export interface BranchSituation {
  readonly hasChanges: boolean;
  readonly branch: { readonly merged: boolean; readonly othersCommits: boolean } | undefined;
  /** The commit would go on top of the branch, not on the base. */
  readonly isOnBranch: boolean;
  /** State of the newest pull request from the branch. */
  readonly newest: 'open' | 'merged' | 'closed' | undefined;
}

export type BranchDecision =
  | { readonly do: 'go'; readonly push: boolean }
  | { readonly do: 'refuse'; readonly why: 'others-commits' | 'closed' };

/** Whether to push, and whether someone else's will stands against it. A closed pull request is someone's no; commits of
 *  others are never rewritten. */
export function decideBranch({ hasChanges, branch, isOnBranch, newest }: BranchSituation): BranchDecision {
  if (branch === undefined || branch.merged) return { do: 'go', push: hasChanges };
  if (newest === 'closed') return { do: 'refuse', why: 'closed' };
  if (isOnBranch) return { do: 'go', push: hasChanges };
  if (branch.othersCommits) return { do: 'refuse', why: 'others-commits' };
  return { do: 'go', push: hasChanges };
}
