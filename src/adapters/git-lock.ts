import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { GitError } from './git-run.ts';
import { createFile } from './whole-file.ts';

const patienceMilliseconds = 120_000;
/** Tells this process from an earlier one that had the same number. */
export const self = `${String(process.pid)} ${startOf(process.pid) ?? ''} ${randomUUID()}`;

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

/** Whether the process that wrote `owner`, the text of a lock, is still there. A text that is damaged is nobody's. */
export function isRunning(owner: string): boolean {
  if (owner === self) return true;
  const [, digits, start] = /^(\d+) (\d*) ?[0-9a-f-]{36}$/.exec(owner) ?? [];
  const pid = Number(digits);
  if (digits === undefined || pid < 1 || pid === process.pid || !isAlive(pid)) return false;
  // In a container the number of a dead process is soon another's.
  const now = startOf(pid);
  return start === undefined || start === '' || now === undefined || now === start;
}

/** When a process started, in ticks since the machine did; undefined where /proc does not tell.
 *  @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
