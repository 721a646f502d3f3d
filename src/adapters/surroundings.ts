import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The nearest `fleet.yaml` in `directory` or above. */
export async function findFleetFile(directory: string): Promise<string | undefined> {
  for (let at = resolve(directory); ; at = dirname(at)) {
    const file = join(at, 'fleet.yaml');
    if ((await stat(file).catch(() => undefined))?.isFile() === true) return file;
    if (dirname(at) === at) return undefined;
  }
}

/** `owner/name` of the remote "origin" of a checkout, when it has one of that form. */
export async function originOf(directory: string): Promise<string | undefined> {
  const config = await readFile(join(directory, '.git', 'config'), 'utf8').catch(() => '');
  const url = /\[remote "origin"\][^[]*?\burl\s*=\s*(\S+)/.exec(config)?.[1];
  return /([A-Za-z0-9-]+\/[A-Za-z0-9._-]+?)(?:\.git)?\/?$/.exec(url ?? '')?.[1];
}

/** Where clones are kept between runs. */
export function cacheDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  const own = environment.MESHWRIGHT_CACHE ?? '';
  if (own !== '') return resolve(own);
  const base = environment.XDG_CACHE_HOME ?? '';
  return join(base === '' ? join(homedir(), '.cache') : base, 'meshwright');
}
