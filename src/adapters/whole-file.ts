import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes beside the file and renames, so that a crash leaves the old or the new text. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const present = await stat(file).catch(() => undefined);
  await rename(await writeBeside(file, text, present && present.mode & 0o777, 'machine'), file);
}

/** What a file that was just written outlives. */
type Outlives = 'process' | 'machine';

/** Makes a file that is whole as soon as it is there.
 *  @returns false: there is one already, and it stays as it is */
export async function createFile(file: string, text: string, outlives: Outlives): Promise<boolean> {
  const draft = await writeBeside(file, text, undefined, outlives);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** @param mode  undefined: as for any new file */
async function writeBeside(
  file: string,
  text: string,
  mode: number | undefined,
  outlives: Outlives,
): Promise<string> {
  const draft = join(dirname(file), `.meshwright-${randomBytes(6).toString('hex')}.tmp`);
  const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode ?? 0o644);
  try {
    if (mode !== undefined) await handle.chmod(mode);
    await handle.writeFile(text, 'utf8');
    if (outlives === 'machine') await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(draft, { force: true });
    throw error;
  }
  await handle.close();
  return draft;
}
