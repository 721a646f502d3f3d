import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder and those above it that are missing. Node's own way never ends where the system says that there is no
 *  folder to make one in, though it is there, as in /proc.
 *  @param mode  of those that are made
 *  @returns those that were made, the uppermost first */
export async function makeFolder(folder: string, mode?: number): Promise<readonly string[]> {
  const missing: string[] = [];
  for (let at = folder; ; at = dirname(at)) {
    const found = await stat(at).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (found?.isDirectory() === true || (found === undefined && dirname(at) === at)) break;
    // What is no folder is found out by the system, which says so.
    missing.unshift(at);
    if (found !== undefined) break;
  }
  const made: string[] = [];
  for (const each of missing)
    try {
      await mkdir(each, mode);
      made.push(each);
    } catch (error) {
      const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
      // Somebody was quicker.
      if (!isThere || !(await stat(each)).isDirectory()) throw error;
    }
  return made;
}
