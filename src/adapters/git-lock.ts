import { randomUUID } from 'node:crypto';
import { readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { GitError } from './git-run.ts';
import { createFile } from './whole-file.ts';

const patienceMilliseconds = 120_000;
/** Tells this process from an earlier one that had the same number. */
const self = `${String(process.pid)} ${randomUUID()}`;

/** Runs `work` while no other process does so with the same lock, a file that names its owner from the moment it is there.
 *  The lock of a process that died is taken over. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const giveUp = Date.now() + patienceMilliseconds;
  while (!(await createFile(file, self, 'process'))) {
    const owner = await readFile(file, 'utf8').catch(() => undefined);
    if (owner !== undefined && !isRunning(owner)) await takeAway(file, owner);
    else if (Date.now() > giveUp) throw new GitError(`fatal: ${file} is held by another meshwright`);
    else await wait(50);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** Someone else may have done so in the meantime, and somebody alive may hold the lock by now: that one is put back. */
async function takeAway(file: string, owner: string): Promise<void> {
  const aside = `${file}-${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  const taken = await readFile(aside, 'utf8');
  if (taken !== owner) await createFile(file, taken, 'process');
  await rm(aside, { force: true });
}

function isRunning(owner: string): boolean {
  const pid = Number(owner.split(' ')[0]);
  return owner === self || (pid !== process.pid && isAlive(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
