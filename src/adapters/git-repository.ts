import type { RepoPath } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import { emptySnapshot, type FileChange, type ReadFiles } from '../model/snapshot.ts';
import { readBranch, refOf, type BaseBranch, type FetchedBranch } from './branch-fetch.ts';
import { decode } from './files.ts';
import { idOf, parseBatch } from './git-objects.ts';
import { gitProblem } from './git-problem.ts';
import { GitError, GitRunner, type AccessSource } from './git-run.ts';
import { CloneStore } from './clone-store.ts';
import { cloneConfig, transportOf } from './git-config-text.ts';
import { importOf } from './git-import.ts';

/** What the remote's refs point at; undefined: no such branch. */
export interface RemoteRefs {
  readonly defaultBranch: string | undefined;
  readonly base: string | undefined;
  readonly branch: string | undefined;
  /** What the branch's earlier name points at. */
  readonly former: string | undefined;
}

/** A shallow, blob-filtered clone without a working tree, in a cache. Files are read and commits are made from the object
 *  store, so that no filter, hook, attribute or link of the repository ever runs or is followed. All methods throw
 *  `GitError` when git fails. */
export class GitRepository {
  readonly #store: CloneStore;
  readonly #runnerIn: (folder: string) => GitRunner;
  readonly #url: string;
  readonly #isFiltered: boolean;
  #git: GitRunner;
  /** Blobs that are here; those of a clone that was replaced are not. */
  #known = new Set<string>();
  /** Commits that are not pushed yet: where they are, and how they are made again. */
  readonly #made = new Map<string, { readonly isIn: GitRunner; readonly again: () => Promise<unknown> }>();

  private constructor(
    store: CloneStore,
    runnerIn: (folder: string) => GitRunner,
    folder: string,
    url: string,
    isFiltered: boolean,
  ) {
    this.#store = store;
    this.#runnerIn = runnerIn;
    this.#git = runnerIn(folder);
    this.#url = url;
    this.#isFiltered = isFiltered;
  }

  /** Opens the cached clone of `url` (https, http or file), making it when it is missing or damaged. */
  static async open(
    url: string,
    cache: string,
    access: AccessSource | undefined,
    options: { isFiltered: boolean },
  ): Promise<GitRepository> {
    const transport = transportOf(url);
    const store = new CloneStore(cache, url, cloneConfig(url, transport, options.isFiltered));
    const runnerIn = (folder: string) => new GitRunner(folder, 'own', { transport, access });
    return new GitRepository(store, runnerIn, await store.open(), url, options.isFiltered);
  }

  /** Runs `work`, and once more in a new clone when it failed because the clone is damaged.
   *  @param commits  what `work` needs to find in the clone */
  async #sound<T>(commits: readonly string[], work: () => Promise<T>): Promise<T> {
    const used = this.#git;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      const isUnknown = gitProblem(error, '').rule === 'forge-git';
      const folder = await this.#store.renew(
        used.directory,
        async () => isUnknown || !(await isConnected(used)),
      );
      if (folder === undefined) throw error;
      if (this.#git.directory !== folder) {
        this.#git = this.#runnerIn(folder);
        this.#known = new Set();
      }
      if (commits.length > 0) await this.#fetch(['--depth=1', 'origin', ...commits]);
      return work();
    }
  }

  refs(
    base: string | undefined,
    branch: string | undefined,
    former: string | undefined,
  ): Promise<RemoteRefs> {
    return this.#sound([], () => this.#refs(base, branch, former));
  }

  async #refs(
    base: string | undefined,
    branch: string | undefined,
    former: string | undefined,
  ): Promise<RemoteRefs> {
    const wanted = [base, branch, former]
      .filter((name) => name !== undefined)
      .map((name) => `refs/heads/${name}`);
    const answer = await this.#git.text(['ls-remote', '--symref', 'origin', 'HEAD', ...wanted]);
    const lines = answer.split('\n').map((line) => line.split('\t'));
    const head = lines.find(([value, name]) => name === 'HEAD' && value?.startsWith('ref: ') === true)?.[0];
    const defaultBranch = head?.replace('ref: refs/heads/', '');
    const idOf = (name: string | undefined) =>
      lines.find(
        ([value, ref]) => ref === `refs/heads/${name ?? ''}` && value?.startsWith('ref:') !== true,
      )?.[0];
    const baseName = base ?? defaultBranch;
    const found =
      idOf(baseName) ??
      (base === undefined
        ? lines.find(([value, ref]) => ref === 'HEAD' && value?.startsWith('ref:') !== true)?.[0]
        : undefined);
    return { defaultBranch, base: found, branch: idOf(branch), former: idOf(former) };
  }

  /** @param commit  what the remote says the branch is at; no fetch when it is here already */
  fetchBase(base: string, commit: string): Promise<Tree> {
    return this.#sound([], () => this.#fetchBase(base, commit));
  }

  async #fetchBase(base: string, commit: string): Promise<Tree> {
    const known = refOf('base', base);
    if ((await this.#commitAt(known)) !== commit)
      await this.#fetch(['--depth=1', 'origin', `+refs/heads/${base}:${known}`]);
    return this.#treeOf((await this.#git.text(['rev-parse', known])).trim());
  }

  /** What a ref of the clone points at; it was set when all of it was fetched. */
  async #commitAt(ref: string): Promise<string> {
    return (await this.#git.text(['for-each-ref', '--format=%(objectname)', ref])).trim();
  }

  /** The files at a tag or, without one, at a branch; undefined: there is neither. */
  fetchRef(ref: string): Promise<Tree | undefined> {
    return this.#sound([], () => this.#fetchRef(ref));
  }

  async #fetchRef(ref: string): Promise<Tree | undefined> {
    const names = [`refs/tags/${ref}`, `refs/heads/${ref}`];
    const answer = await this.#git.text(['ls-remote', 'origin', ...names]);
    const name = names.find((each) => answer.split('\n').some((line) => line.endsWith(`\t${each}`)));
    if (name === undefined) return undefined;
    const known = refOf('read', ref);
    await this.#fetch(['--depth=1', 'origin', `+${name}:${known}`]);
    return this.#treeOf((await this.#git.text(['rev-parse', `${known}^{commit}`])).trim());
  }

  /** The branch with every commit that `base`, fetched before, does not have.
   *  @param commit  what the remote says the branch is at; no fetch when it is here already */
  fetchBranch(branch: string, base: BaseBranch, commit: string): Promise<FetchedBranch> {
    return this.#sound([base.tree.revision], () => this.#fetchBranch(branch, base, commit));
  }

  #fetchBranch(branch: string, base: BaseBranch, commit: string): Promise<FetchedBranch> {
    return readBranch(
      {
        git: this.#git,
        commitAt: (ref) => this.#commitAt(ref),
        fetch: (args) => this.#fetch(args),
        treeOf: (id) => this.#treeOf(id),
      },
      branch,
      base,
      commit,
    );
  }

  async #fetch(args: readonly string[]): Promise<void> {
    const filter = this.#isFiltered ? ['--filter=blob:none'] : [];
    const git = this.#git;
    await this.#store.exclusively(() =>
      git.text([
        'fetch',
        '--quiet',
        '--no-tags',
        '--no-write-fetch-head',
        '--update-shallow',
        ...filter,
        ...args,
      ]),
    );
  }

  async #treeOf(commit: string): Promise<Tree> {
    const listing = await this.#git.text(['ls-tree', '-r', '-z', '--full-tree', commit]);
    const paths = new Set<RepoPath>();
    const links = new Set<RepoPath>();
    const blobs = new Map<RepoPath, string>();
    for (const entry of listing.split('\0')) {
      const [, mode = '', id = '', name = ''] = /^(\d+) \w+ ([0-9a-f]+)\t([\s\S]+)$/.exec(entry) ?? [];
      const path = name === '' ? undefined : parseRepoPath(name);
      if (path === undefined) continue;
      if (mode.startsWith('100')) {
        paths.add(path);
        blobs.set(path, id);
      } else links.add(path);
    }
    return {
      revision: commit,
      snapshot: { ...emptySnapshot, paths, links },
      read: (wanted) => this.#read(wanted, blobs, commit),
    };
  }

  async #read(
    wanted: readonly RepoPath[],
    blobs: ReadonlyMap<RepoPath, string>,
    commit: string,
  ): Promise<Outcome<ReadFiles>> {
    const ids = wanted.map((path) => {
      const id = blobs.get(path);
      if (id === undefined) throw new Error(`${path} is not in the tree`);
      return id;
    });
    try {
      const contents = await this.#sound(this.#isFiltered ? [] : [commit], () => this.#blobs(ids));
      const files = new Map<RepoPath, string>();
      const unreadable = new Set<RepoPath>();
      for (const [index, path] of wanted.entries()) {
        const bytes = contents[index];
        const text = bytes === undefined ? undefined : decode(bytes);
        if (text === undefined) unreadable.add(path);
        else files.set(path, text);
      }
      return success({ files, unreadable });
    } catch (error) {
      if (error instanceof GitError) return failure(gitProblem(error, nameIn(this.#url)));
      throw error;
    }
  }

  /** The contents of blobs, as they were committed. */
  async #blobs(ids: readonly string[]): Promise<readonly Buffer[]> {
    await this.#prefetch(ids);
    const contents = parseBatch(await this.#git.objects(`${ids.join('\n')}\n`));
    return ids.map((id, index) => {
      const bytes = contents[index];
      if (bytes === undefined || idOf(bytes) !== id) throw new GitError(`fatal: the clone has lost ${id}`);
      return bytes;
    });
  }

  /** Brings the blobs a partial clone lacks in one round trip; git alone would ask for them one by one. */
  async #prefetch(ids: readonly string[]): Promise<void> {
    const missing = ids.filter((id) => !this.#known.has(id));
    if (!this.#isFiltered || missing.length === 0) return;
    const args = [
      'fetch',
      '--quiet',
      'origin',
      '--no-tags',
      '--no-write-fetch-head',
      '--recurse-submodules=no',
      '--filter=blob:none',
      '--stdin',
    ];
    const [git, known] = [this.#git, this.#known];
    await this.#store.exclusively(() => git.text(args, { input: `${missing.join('\n')}\n` }));
    for (const id of missing) known.add(id);
  }

  /** Makes one commit of the changes on top of `parent`, from the object store alone.
   *  @returns its id; nothing refers to it until it is pushed */
  async commit(parent: string, changes: readonly FileChange[], message: string): Promise<string> {
    const seconds = Math.floor(Date.now() / 1000);
    const make = () =>
      this.#sound([parent], async () => {
        const modes = await this.#modes(parent, changes);
        const stream = importOf(parent, changes, modes, message, seconds);
        return (await this.#git.text(['fast-import', '--quiet', '--done'], { input: stream })).trim();
      });
    const commit = await make();
    this.#made.set(commit, { isIn: this.#git, again: make });
    return commit;
  }

  async #modes(parent: string, changes: readonly FileChange[]): Promise<ReadonlyMap<string, string>> {
    const listing = await this.#git.text([
      'ls-tree',
      '-z',
      '--full-tree',
      parent,
      '--',
      ...changes.map(({ path }) => path),
    ]);
    const entries = listing.split('\0').map((entry) => /^(\d+) \w+ [0-9a-f]+\t([\s\S]+)$/.exec(entry));
    return new Map(entries.flatMap((entry) => (entry === null ? [] : [[entry[2] ?? '', entry[1] ?? '']])));
  }

  /** Pushes `commit` as `branch`, only if the branch still is at `expected` (undefined: does not exist). */
  async push(commit: string, branch: string, expected: string | undefined): Promise<void> {
    const ref = `refs/heads/${branch}`;
    try {
      await this.#sound([], async () => {
        // In a new clone the commit is made again: the same one, since its date is the same.
        const made = this.#made.get(commit);
        if (made !== undefined && made.isIn !== this.#git) await made.again();
        await this.#git.text([
          'push',
          '--quiet',
          '--porcelain',
          `--force-with-lease=${ref}:${expected ?? ''}`,
          'origin',
          `${commit}:${ref}`,
        ]);
      });
      this.#made.delete(commit);
    } catch (error) {
      // The answer may have been lost after the work was done; a commit's id is nobody else's.
      if (!(error instanceof GitError) || !(await this.#isAt(branch, commit))) throw error;
    }
  }

  async #isAt(branch: string, commit: string): Promise<boolean> {
    try {
      return (await this.refs(undefined, branch, undefined)).branch === commit;
    } catch (error) {
      if (error instanceof GitError) return false;
      throw error;
    }
  }
}

/** Whether git finds every object of a clone that must be there, and each as it was. */
async function isConnected(git: GitRunner): Promise<boolean> {
  try {
    await git.text(['fsck', '--full', '--no-dangling', '--no-progress']);
    return true;
  } catch (error) {
    if (error instanceof GitError) return false;
    throw error;
  }
}

function nameIn(url: string): string {
  const [owner, name] = url
    .replace(/\.git$/, '')
    .split('/')
    .slice(-2);
  return owner && name ? `${owner}/${name}` : url;
}
