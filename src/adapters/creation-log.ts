import { createHash } from 'node:crypto';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './folders.ts';

const hour = 3_600_000;

/** When content was created on a host within the last hour, by any process of this machine: a limit that runs share can't
 *  be kept by one of them alone. A courtesy: losing it loses nothing else. */
export class CreationLog {
  readonly #file: string;
  readonly #folder: string;
  /** What could not be written down. */
  readonly #own: number[] = [];

  constructor(folder: string, host: string) {
    const name = createHash('sha256').update(host).digest('hex').slice(0, 12);
    this.#folder = folder;
    this.#file = join(folder, `creations-${name}.log`);
  }

  /** Milliseconds since 1970, oldest first. */
  async lastHour(now: number): Promise<readonly number[]> {
    const text = await readFile(this.#file, 'utf8').catch(() => '');
    const all = text.split('\n').map(Number);
    const known = all.filter((at) => at > now - hour && at <= now);
    if (all.length > 4 * (known.length + 250)) await this.#rewrite(known);
    return [...known, ...this.#own.filter((at) => at > now - hour)].sort((one, other) => one - other);
  }

  async add(now: number): Promise<void> {
    try {
      await makeFolder(this.#folder, 0o700);
      await appendFile(this.#file, `${String(now)}\n`);
    } catch {
      this.#own.push(now);
    }
  }

  async #rewrite(known: readonly number[]): Promise<void> {
    await writeFile(this.#file, known.map((at) => `${String(at)}\n`).join('')).catch(() => undefined);
  }
}
