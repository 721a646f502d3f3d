import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepositoryId } from '../model/named.ts';
import { makeFolder } from './folders.ts';
import { replaceFile } from './whole-file.ts';

/** Which commit, over which other. */
export interface RecordedCommits {
  readonly repository: RepositoryId;
  readonly branch: string;
  readonly head: string;
  readonly base: string;
}

/** What branches were found to hold by comparing trees, so that the next run need not compare again. It lies in the cache of
 *  this machine: nothing that someone pushes, writes or comments gets into it. Losing it costs a clone, nothing else. */
export class BranchRecords {
  readonly #folder: string;

  constructor(cache: string) {
    this.#folder = join(cache, 'branches');
  }

  /** Digest of the bundle that the commit holds over the base, and nothing else. */
  async get(place: RecordedCommits): Promise<string | undefined> {
    const text = await readFile(this.#fileOf(place), 'utf8').catch(() => '');
    const [commits, digest] = text.trimEnd().split('\n');
    return commits === commitsOf(place) ? digest : undefined;
  }

  async put(place: RecordedCommits, digest: string): Promise<void> {
    try {
      await makeFolder(this.#folder, 0o700);
      await replaceFile(this.#fileOf(place), `${commitsOf(place)}\n${digest}\n`);
    } catch {
      // Without a record the next run compares again.
    }
  }

  /** One file a branch, so that the folder grows with the fleet and not with time. */
  #fileOf({ repository, branch }: RecordedCommits): string {
    const name = createHash('sha256')
      .update(JSON.stringify([repository, branch]))
      .digest('hex');
    return join(this.#folder, `${name}.txt`);
  }
}

function commitsOf({ head, base }: RecordedCommits): string {
  return `${head} ${base}`;
}
