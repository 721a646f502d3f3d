import { readFile, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { RepoPath } from '../model/named.ts';
import { parseRepoPath } from '../model/repo-path.ts';

/** The nearest `fleet.yaml` in `directory` or above. */
export async function findFleetFile(directory: string): Promise<string | undefined> {
  for (let at = resolve(directory); ; at = dirname(at)) {
    const file = join(at, 'fleet.yaml');
    if ((await stat(file).catch(() => undefined))?.isFile() === true) return file;
    if (dirname(at) === at) return undefined;
  }
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
