import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { createFile, isAlive } from './whole-file.ts';

const patienceMilliseconds = 120_000;
/** Tells this process from any other that had, or will have, the same number. */
export const self = `${String(process.pid)} ${randomUUID()} ${startOf(process.pid)}`;

/** A live process does not let go of a lock. */
export class LockHeld extends Error {}

/** Runs `work` while no other process does so with the same lock, a file that names its owner from the moment it is there.
 *  The lock of a process that died, of kill -9 too, is taken over. Throws `LockHeld`. */
export async function withFileLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const giveUp = Date.now() + patienceMilliseconds;
  // Each time it is held it has a name of its own, so that nobody takes one for another.
  const token = `${self} ${randomUUID()}`;
  while (!(await createFile(file, token, 'process'))) {
    const owner = await readFile(file, 'utf8').catch(() => undefined);
    if (owner !== undefined && !isRunning(owner)) await takeAway(file, owner);
    else if (Date.now() > giveUp) throw new LockHeld(`fatal: ${file} is held by another meshwright`);
    else await wait(50);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** Removes the lock of a dead owner, and never one that someone else made since: only who holds the right to this very
 *  owner's lock may, and as long as it is there nobody can make another. The right is a lock as well, so that it outlives
 *  its holder's death no more than the first. */
async function takeAway(file: string, owner: string): Promise<void> {
  const right = `${file}-${createHash('sha256').update(owner).digest('hex').slice(0, 16)}`;
  await withFileLock(right, async () => {
    const present = await readFile(file, 'utf8').catch(() => undefined);
    if (present === owner) await rm(file, { force: true });
  });
}

/** Whether the process that wrote `owner`, the text of a lock, is still there. A text that is damaged is nobody's. */
export function isRunning(owner: string): boolean {
  const [, number, id, start = ''] =
    /^(\d+) ([0-9a-f-]{36})(?: (\d*))?(?: [0-9a-f-]{36})?$/.exec(owner) ?? [];
  if (number === undefined) return false;
  const pid = Number(number);
  if (pid === process.pid) return self.split(' ')[1] === id;
  // The number of a dead process may be another's by now, which began at another time.
  return isAlive(pid) && (start === '' || startOf(pid) === '' || startOf(pid) === start);
}

/** When a process began, in ticks since the machine did; empty where the system does not say.
 *  @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The second field is a name in parentheses that can hold anything; the start is the 22nd.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
