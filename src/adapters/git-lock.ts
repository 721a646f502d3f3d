import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { GitError } from './git-run.ts';

const patienceMilliseconds = 120_000;
/** A lock whose owner is not written yet belongs to someone who is just taking it, or died doing so. */
const takingMilliseconds = 2_000;
/** Tells this process from an earlier one that had the same number. */
const self = `${String(process.pid)} ${randomUUID()}`;

/** Runs `work` while no other process uses the same clone. The lock of a process that died is taken over. */
export async function withLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const giveUp = Date.now() + patienceMilliseconds;
  while (!(await take(folder))) {
    if (Date.now() > giveUp) throw new GitError(`fatal: ${folder} is held by another meshwright`);
    await wait(50);
  }
  try {
    return await work();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function take(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    if (await isAbandoned(folder)) await rm(folder, { recursive: true, force: true });
    return false;
  }
  await writeFile(join(folder, 'owner'), self);
  return true;
}

async function isAbandoned(folder: string): Promise<boolean> {
  const owner = await readFile(join(folder, 'owner'), 'utf8').catch(() => undefined);
  if (owner === self) return false;
  if (owner === undefined || owner === '') {
    const taken = await stat(folder).catch(() => undefined);
    return taken !== undefined && Date.now() - taken.mtimeMs > takingMilliseconds;
  }
  const pid = Number(owner.split(' ')[0]);
  return pid === process.pid || !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
