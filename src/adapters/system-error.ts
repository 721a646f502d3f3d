import type { Problem } from '../model/problem.ts';

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'something else is there already',
  ENOTEMPTY: 'the folder is not empty',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than this process may write',
  EROFS: 'the file system is read-only',
  EIO: 'the disk failed',
  EMFILE: 'this process has too many files open',
  ENFILE: 'the machine has too many files open',
  ENOMEM: 'the machine has no memory left',
  EAGAIN: 'the machine has no processes left',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links lead in a circle',
  EXDEV: 'it is on another file system',
  EBUSY: 'it is in use',
  ETXTBSY: 'it is in use',
  EINTR: 'the call was interrupted',
};

/** An error of the operating system's, as Node throws it. */
export interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
}

/** Whether an error is one of the machine's, and not of this program. */
export function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'syscall' in error &&
    typeof error.syscall === 'string' &&
    /^E[A-Z0-9]+$/.test(error.code)
  );
}

/** Why the system refused, in words. */
export function reasonOf(code: string): string {
  return reasons[code] ?? code;
}

/** What an error of the machine means for the person; undefined when it is none. */
export function systemProblem(error: unknown): Problem | undefined {
  if (!isSystemError(error)) return undefined;
  const { code, syscall, path } = error;
  if (syscall === 'uv_cwd')
    return {
      rule: 'machine-failed',
      severity: 'error',
      message: 'The folder that this runs in is no longer there.',
      fix: 'Change to one that is, and run again.',
    };
  const isGit = syscall.startsWith('spawn');
  return {
    rule: 'machine-failed',
    severity: 'error',
    message: isGit
      ? `${syscall.replace('spawn ', '')} could not be started: ${reasonOf(code)}.`
      : `The machine refused to ${syscall} ${path ?? 'a file'}: ${reasonOf(code)}.`,
    fix: 'Fix that and run again: what is done is kept, and nothing is done twice.',
  };
}
