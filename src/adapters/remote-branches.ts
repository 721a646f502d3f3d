/** What a remote says of its branches. */
export interface Branches {
  /** The one that HEAD stands for; undefined: for none. */
  readonly defaultBranch: string | undefined;
  /** The commit that HEAD is at. */
  readonly head: string | undefined;
  /** By name, the commit each one is at. */
  readonly commits: ReadonlyMap<string, string>;
}

/** Where a remote's branches are: asked once for all of them, and believed for as long as the question allows. */
export class RemoteBranches {
  readonly #ask: () => Promise<string>;
  #answer: Promise<Branches> | undefined;
  #asked = 0;

  /** @param ask  what `git ls-remote --symref` prints of HEAD and all branches, or `git for-each-ref` in that form */
  constructor(ask: () => Promise<string>) {
    this.#ask = ask;
  }

  /** @param seconds  how old an answer may be */
  async known(seconds: number): Promise<Branches> {
    const now = performance.now();
    if (this.#answer === undefined || now - this.#asked > seconds * 1000) {
      this.#answer = this.#ask().then(parseBranches);
      this.#asked = now;
    }
    const answer = this.#answer;
    try {
      return await answer;
    } catch (error) {
      // What failed once may be there the next time.
      if (this.#answer === answer) this.forget();
      throw error;
    }
  }

  /** A branch is elsewhere by now: this run moved it, or saw it there. */
  async moved(branch: string, commit: string): Promise<void> {
    const before = this.#answer;
    if (before === undefined) return;
    const known = await before;
    const commits = new Map(known.commits).set(branch, commit);
    const head = branch === known.defaultBranch ? commit : known.head;
    if (this.#answer === before) this.#answer = Promise.resolve({ ...known, head, commits });
  }

  forget(): void {
    this.#answer = undefined;
  }
}

/** What `git ls-remote --symref` prints.
 *  @see https://git-scm.com/docs/git-ls-remote#_output */
function parseBranches(listed: string): Branches {
  const commits = new Map<string, string>();
  let head: string | undefined;
  let defaultBranch: string | undefined;
  for (const line of listed.split('\n')) {
    const [value = '', name = ''] = line.split('\t');
    if (name === 'HEAD') {
      if (value.startsWith('ref: ')) defaultBranch = value.replace('ref: refs/heads/', '');
      else head = value;
    } else if (name.startsWith('refs/heads/') && !value.startsWith('ref:'))
      commits.set(name.slice('refs/heads/'.length), value);
  }
  return { defaultBranch, head, commits };
}
