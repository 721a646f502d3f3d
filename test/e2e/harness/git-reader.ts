import { execFileSync } from 'node:child_process';
import type { GitReader } from './github-api.ts';

/** Reads bare repositories with git itself. */
export function gitReader(bareOf: (repository: string) => string): GitReader {
  const read = (repository: string, ...args: string[]): string | undefined => {
    try {
      return execFileSync('git', args, {
        cwd: bareOf(repository),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
      });
    } catch {
      return undefined;
    }
  };
  return {
    text: (repository, expression) => read(repository, 'cat-file', 'blob', expression),
    commit: (repository, ref) => {
      const shown = read(repository, 'for-each-ref', '--format=%(objectname)%00%(parent)%00%(contents)', ref);
      if (shown === undefined || shown === '') return undefined;
      const [oid = '', parents = '', message = ''] = shown.split('\0');
      return { oid, message, parents: parents.split(' ').filter((parent) => parent !== '') };
    },
  };
}
