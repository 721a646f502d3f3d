import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { openPrivate } from './cache-folder.ts';
import { cacheDirectory } from './surroundings.ts';

/** Lets Node keep what it compiles, in our cache: in its own place for it, the folder for temporary files, somebody else
 *  could put code of theirs. Nothing is kept where our cache is not ours alone or can't be written.
 *  @see https://nodejs.org/api/module.html#module-compile-cache */
export async function useCompileCache(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (folder: string) => unknown };
  if (enableCompileCache === undefined) return;
  const folder = await openPrivate(join(cacheDirectory(environment), 'compiled'));
  if (folder.ok) enableCompileCache(folder.value);
}
