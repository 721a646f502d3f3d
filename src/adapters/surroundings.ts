import { lstat, readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { RepoPath } from '../model/named.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import { shellCommand } from '../model/shell.ts';
import { isOwn } from './ownership.ts';

/** The nearest `fleet.yaml` in `directory` or above, not above the root of the repository it lies in. Git's rule for
 *  `safe.directory` holds for the file and for each folder on the way: who left it there may be anyone.
 *  @returns problem `fleet-of-another-user` */
export async function findFleetFile(directory: string): Promise<Outcome<string | undefined>> {
  const way: string[] = [];
  for (let at = resolve(directory); ; at = dirname(at)) {
    way.push(at);
    const file = join(at, 'fleet.yaml');
    if ((await stat(file).catch(() => undefined))?.isFile() === true) {
      const foreign = await firstForeign([file, ...way.reverse()]);
      return foreign === undefined ? success(file) : failure(ofAnotherUser(file, foreign));
    }
    const isRoot = (await lstat(join(at, '.git')).catch(() => undefined)) !== undefined;
    if (isRoot || dirname(at) === at) return success(undefined);
  }
}

async function firstForeign(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const seen = [await lstat(path).catch(() => undefined), await stat(path).catch(() => undefined)];
    if (seen.some((each) => each !== undefined && !isOwn(each))) return path;
  }
  return undefined;
}

function ofAnotherUser(file: string, foreign: string): Problem {
  return {
    rule: 'fleet-of-another-user',
    severity: 'error',
    message: `${file} was found, but ${foreign === file ? 'it' : foreign} belongs to another user. A fleet file decides what is written where.`,
    fix: `If you trust it, name it: ${shellCommand('--fleet', file)}`,
    see: 'https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory',
  };
}

/** The nearest folder above a file or folder that git has checked out, and the path from there. Without one, the folder
 *  itself. */
export async function checkoutOf(
  path: string,
): Promise<{ readonly root: string; readonly path: RepoPath } | undefined> {
  const real = await realpath(path).catch(() => undefined);
  const found = real === undefined ? undefined : await stat(real).catch(() => undefined);
  if (real === undefined || found === undefined) return undefined;
  const folder = found.isDirectory() ? real : dirname(real);
  for (let at = folder; ; at = dirname(at)) {
    const isRoot = (await stat(join(at, '.git')).catch(() => undefined)) !== undefined;
    if (isRoot || dirname(at) === at) {
      const root = isRoot ? at : folder;
      const inside = parseRepoPath(relative(root, real).replaceAll('\\', '/'));
      return inside === undefined ? undefined : { root, path: inside };
    }
  }
}

/** `owner/name` of the remote "origin" of a checkout, when it has one of that form. */
export async function originOf(directory: string): Promise<string | undefined> {
  const config = await readFile(join(directory, '.git', 'config'), 'utf8').catch(() => '');
  const url = /\[remote "origin"\][^[]*?\burl\s*=\s*(\S+)/.exec(config)?.[1];
  return /(?<![A-Za-z0-9-])([A-Za-z0-9-]+\/[A-Za-z0-9._-]+?)(?:\.git)?\/?$/.exec(url ?? '')?.[1];
}

/** Where clones are kept between runs. */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const own = environment.MESHWRIGHT_CACHE ?? '';
  if (own !== '') return resolve(own);
  const base = environment.XDG_CACHE_HOME ?? '';
  return join(base === '' ? join(homedir(), '.cache') : base, 'meshwright');
}
