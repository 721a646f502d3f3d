import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, success, type Outcome } from '../model/problem.ts';
import { makeFolder } from './folders.ts';
import { isOwn, whoElseCanChange } from './ownership.ts';
import { cacheDirectory } from './surroundings.ts';

/** The folder for clones.
 *  @returns problems of `openPrivate` */
export function openCache(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Outcome<string>> {
  return openPrivate(cacheDirectory(environment));
}

/** A folder of the cache, made for its owner alone when it is not there. What lies in it is believed, so it is refused when
 *  anyone else could have put it there.
 *  @returns problems `cache-not-private`, `cache-unusable` */
export async function openPrivate(folder: string): Promise<Outcome<string>> {
  try {
    const before = await whoElseCanChange(folder);
    if (before !== undefined) return notPrivate(folder, before);
    await makeFolder(folder, 0o700);
    // Between the two somebody may have been quicker.
    const why = (await whoElseCanChange(folder)) ?? (await foreignEntry(folder));
    return why === undefined ? success(folder) : notPrivate(folder, why);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return failure({
      rule: 'cache-unusable',
      severity: 'error',
      message: `The cache ${folder} can't be used: ${error.message}.`,
      fix: 'Set MESHWRIGHT_CACHE to a folder that this user may write.',
    });
  }
}

/** Left from a time when the folder was open to others. */
async function foreignEntry(folder: string): Promise<string | undefined> {
  for (const name of await readdir(folder)) {
    const found = await lstat(join(folder, name)).catch(() => undefined);
    if (found === undefined) continue;
    if (!isOwn(found)) return `${join(folder, name)} belongs to another user (uid ${String(found.uid)})`;
    if (found.isSymbolicLink()) return `${join(folder, name)} is a symbolic link`;
  }
  return undefined;
}

function notPrivate(folder: string, why: string): Outcome<never> {
  return failure({
    rule: 'cache-not-private',
    severity: 'error',
    message: `The cache ${folder} was not used: ${why}. Whoever can change it decides what Meshwright reads and commits.`,
    fix: `Remove that access (chmod go-w, chown), or choose another folder: export MESHWRIGHT_CACHE=FOLDER`,
  });
}
