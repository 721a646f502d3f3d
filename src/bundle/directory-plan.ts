import type { BundleNote } from '../model/bundle.ts';
import type { DirectoryLock } from '../model/lock.ts';
import type { Conflict } from '../model/merge.ts';
import type { TargetId } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import type { FileChange } from '../model/snapshot.ts';

export interface DirectoryPlan {
  readonly changes: readonly FileChange[];
  readonly notes: readonly BundleNote[];
  readonly conflicts: readonly Conflict[];
  readonly problems: readonly Problem[];
  /** What the lock of the directory must say once the changes are made. */
  readonly lock?: DirectoryLock;
}

export interface PlanOptions {
  /** Writes owned files that people removed once more. */
  readonly restore: boolean;
  /** Every lock that the fleet accounts for: another one may be that of a target before it was renamed. */
  readonly fleetLocks?: ReadonlySet<TargetId>;
}
