import { createHash, randomUUID } from 'node:crypto';
import { lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './folders.ts';
import { GitError } from './git-run.ts';
import { isRunning, self } from './file-lock.ts';
import { withLock } from './git-lock.ts';
import { replaceFile } from './whole-file.ts';

const head = 'ref: refs/heads/none\n';

/** Clones of one remote in the cache: the current one, and earlier ones for as long as a process works in them. A clone that
 *  is damaged is never repaired; another takes its place, and nothing is only in a clone.
 *
 *      <hash>.lock           held while a clone is chosen, made or fetched into
 *      <hash>.current        the name of the clone in use
 *      <hash>-….git/         a bare repository
 *      <hash>-….git.user-…   a process that works in it */
export class CloneStore {
  readonly #folder: string;
  readonly #key: string;
  readonly #config: string;

  /** @param config  the whole text of a clone's configuration */
  constructor(cache: string, url: string, config: string) {
    this.#folder = cache;
    this.#key = createHash('sha256').update(url).digest('hex').slice(0, 20);
    this.#config = config;
  }

  /** The folder of the current clone, which is made when it is missing or not whole. */
  open(): Promise<string> {
    return this.#locked(async () => {
      const current = await this.#current();
      await this.#sweep(current);
      return current !== undefined && (await this.#isWhole(current)) ? this.#enter(current) : this.#make();
    });
  }

  /** The folder to go on in after git failed in `clone`; undefined: the clone was not the cause.
   *  @param isDamaged  asked when the clone looks whole */
  renew(clone: string, isDamaged: () => Promise<boolean>): Promise<string | undefined> {
    return this.#locked(async () => {
      const current = await this.#current();
      const isAnother = current !== undefined && current !== clone && (await this.#isWhole(current));
      if (isAnother) return this.#enter(current);
      return current === clone && (await this.#isWhole(clone)) && !(await isDamaged())
        ? undefined
        : this.#make();
    });
  }

  /** Runs `work` while no other process chooses or makes a clone, or fetches into it. */
  exclusively<T>(work: () => Promise<T>): Promise<T> {
    return withLock(join(this.#folder, `${this.#key}.lock`), work);
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    try {
      await makeFolder(this.#folder, 0o700);
      return await this.exclusively(work);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && 'path' in error)) throw error;
      throw new GitError(`fatal: the cache could not be used: ${error.message}`);
    }
  }

  async #current(): Promise<string | undefined> {
    const name = await readFile(join(this.#folder, `${this.#key}.current`), 'utf8').catch(() => '');
    return this.#isClone(name) ? join(this.#folder, name) : undefined;
  }

  #isClone(name: string): boolean {
    return name.startsWith(`${this.#key}-`) && /^-[0-9a-f-]{36}\.git$/.test(name.slice(this.#key.length));
  }

  async #make(): Promise<string> {
    const name = `${this.#key}-${randomUUID()}.git`;
    const clone = join(this.#folder, name);
    await this.#enter(clone);
    for (const each of ['objects/info', 'objects/pack', 'refs/heads'])
      await makeFolder(join(clone, each), 0o700);
    await writeFile(join(clone, 'config'), this.#config);
    await writeFile(join(clone, 'HEAD'), head);
    const current = join(this.#folder, `${this.#key}.current`);
    if ((await lstat(current).catch(() => undefined))?.isFile() === false)
      await rm(current, { recursive: true, force: true });
    await replaceFile(current, name);
    return clone;
  }

  /** Tells others that this process works in the clone. */
  async #enter(clone: string): Promise<string> {
    const name = self.replace(/[^0-9A-Za-z-]/g, '-');
    await writeFile(`${clone}.user-${name}`, self);
    return clone;
  }

  /** Removes clones that nobody uses any more. */
  async #sweep(current: string | undefined): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.startsWith(`${this.#key}-`));
    const inUse = new Set<string>();
    for (const name of names) {
      const [clone = '', user] = name.split('.user-');
      if (user === undefined) continue;
      const owner = await readFile(join(this.#folder, name), 'utf8').catch(() => '');
      if (isRunning(owner)) inUse.add(clone);
      else await rm(join(this.#folder, name), { recursive: true, force: true });
    }
    for (const name of names)
      if (this.#isClone(name) && join(this.#folder, name) !== current && !inUse.has(name))
        await rm(join(this.#folder, name), { recursive: true, force: true });
  }

  /** Whether a clone is as Meshwright and git leave it. What its objects hold, git finds out. */
  async #isWhole(clone: string): Promise<boolean> {
    const textOf = (name: string) => readFile(join(clone, name), 'utf8').catch(() => undefined);
    const isFolder = async (name: string) =>
      (await lstat(join(clone, name)).catch(() => undefined))?.isDirectory() === true;
    if ((await textOf('config')) !== this.#config || (await textOf('HEAD')) !== head) return false;
    if (!(await isFolder('objects')) || !(await isFolder('refs'))) return false;
    const shallow = await lstat(join(clone, 'shallow')).catch(() => undefined);
    if (shallow !== undefined && !/^(?:[0-9a-f]{40}\n)*$/.test((await textOf('shallow')) ?? 'none'))
      return false;
    if ((await lstat(join(clone, 'objects/info/alternates')).catch(() => undefined)) !== undefined)
      return false;
    const names = [
      ...(await readdir(clone)),
      ...(await readdir(join(clone, 'refs/meshwright')).catch(() => [])),
    ];
    // A commit that another process is making has a ref, and its lock, for a moment.
    return !names.some((name) => name.endsWith('.lock') && !name.startsWith('made-'));
  }
}
