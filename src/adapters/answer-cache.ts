import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './folders.ts';

interface Kept {
  readonly etag: string;
  readonly data: unknown;
}

const longest = 2_000_000;
const keptFor = 30 * 24 * 3_600_000;

/** Answers of GitHub by address, with the tag that asks whether they still hold; such an answer costs nothing of the hourly
 *  limit.
 *  @see https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate */
export class AnswerCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = join(folder, 'answers');
  }

  async get(address: string): Promise<Kept | undefined> {
    const text = await readFile(this.#fileOf(address), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      const kept = JSON.parse(text) as Partial<Kept>;
      return typeof kept.etag === 'string' ? { etag: kept.etag, data: kept.data } : undefined;
    } catch {
      return undefined;
    }
  }

  async put(address: string, kept: Kept): Promise<void> {
    const text = JSON.stringify(kept);
    if (text.length > longest) return;
    try {
      await makeFolder(this.#folder, 0o700);
      const draft = join(this.#folder, `${randomUUID()}.part`);
      await writeFile(draft, text, { mode: 0o600 });
      await rename(draft, this.#fileOf(address));
    } catch {
      // Without a cache everything is asked again.
    }
  }

  /** Forgets what nobody asked for in a month. */
  async prune(now: number): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const file = join(this.#folder, name);
      const touched = await stat(file).catch(() => undefined);
      if (touched !== undefined && touched.mtimeMs < now - keptFor) await unlink(file).catch(() => undefined);
    }
  }

  #fileOf(address: string): string {
    return join(this.#folder, `${createHash('sha256').update(address).digest('hex')}.json`);
  }
}
