import { LockHeld, withFileLock } from './file-lock.ts';
import { GitError } from './git-run.ts';

/** `withFileLock` for work of git's; a lock that is not let go of is a `GitError`. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await withFileLock(file, work);
  } catch (error) {
    if (error instanceof LockHeld) throw new GitError(error.message);
    throw error;
  }
}
