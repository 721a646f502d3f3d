import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GitReader } from './github-api.ts';

/** A commit's id says what it holds, in whatever repository. */
const texts = new Map<string, string | undefined>();
const commits = new Map<string, { readonly message: string; readonly parents: readonly string[] }>();

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
  const oidOf = (repository: string, ref: string) => readRef(bareOf(repository), ref);
  return {
    head: oidOf,
    text: (repository, expression) => {
      const [revision = '', path = ''] = expression.split(/:(.*)/s);
      const ref = revision === 'HEAD' ? 'refs/heads/main' : revision;
      const oid = oidOf(repository, ref);
      const key = `${oid ?? ''}:${path}`;
      if (!texts.has(key))
        texts.set(key, oid === undefined ? undefined : read(repository, 'cat-file', 'blob', key));
      return texts.get(key);
    },
    commit: (repository, ref) => {
      const oid = oidOf(repository, ref);
      if (oid === undefined) return undefined;
      const known = commits.get(oid);
      if (known !== undefined) return { oid, ...known };
      const [parents = '', message = ''] = (
        read(repository, 'log', '-1', '--format=%P%x00%B', oid) ?? ''
      ).split('\0');
      const found = {
        message,
        parents: parents
          .trim()
          .split(' ')
          .filter((parent) => parent !== ''),
      };
      commits.set(oid, found);
      return { oid, ...found };
    },
  };
}

/** What a ref is at, as git keeps it: a file of its own, or a line of the packed ones. */
function readRef(bare: string, ref: string): string | undefined {
  try {
    return readFileSync(join(bare, ref), 'utf8').trim();
  } catch {
    const packed = join(bare, 'packed-refs');
    const line = existsSync(packed)
      ? readFileSync(packed, 'utf8')
          .split('\n')
          .find((each) => each.endsWith(` ${ref}`))
      : undefined;
    return line?.split(' ')[0];
  }
}
