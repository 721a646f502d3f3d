import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes beside the file and renames, so that a crash leaves the old or the new text. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = await draftBeside(file, text);
  try {
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
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

/** Writes what a file is to become beside it.
 *  @returns its name there */
export async function draftBeside(file: string, text: string): Promise<string> {
  const present = await stat(file).catch(() => undefined);
  return writeBeside(file, text, present && present.mode & 0o777, 'machine');
}

/** A name of something that is not to stay, with the number of the process that it belongs to. */
export function draftName(): string {
  return `.meshwright-${String(process.pid)}-${randomBytes(6).toString('hex')}.tmp`;
}

/** Removes what processes that were ended by force have left in a folder. */
export async function sweepDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = /^\.meshwright-(\d+)-[0-9a-f]{12}\.tmp$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { force: true });
  }
}

/** Whether a process of this machine has a number. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** @param mode  undefined: as for any new file */
async function writeBeside(
  file: string,
  text: string,
  mode: number | undefined,
  outlives: Outlives,
): Promise<string> {
  const draft = join(dirname(file), draftName());
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
