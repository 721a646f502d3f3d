import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepoPath } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { emptySnapshot, type FileChange, type ReadFiles } from '../model/snapshot.ts';
import { readBranch, refOf, type BaseBranch, type FetchedBranch } from './branch-fetch.ts';
import { parseCommit } from './branch-history.ts';
import { readTexts } from './file-texts.ts';
import type { GitObject } from './git-objects.ts';
import { gitProblem } from './git-problem.ts';
import { GitError, GitRunner, type AccessSource } from './git-run.ts';
import { GitTrees, TreeMemory } from './git-trees.ts';
import { CloneStore } from './clone-store.ts';
import { cloneConfig, filteredSettings, transportOf } from './git-config-text.ts';
import { importOf } from './git-import.ts';
import { ObjectReader, present } from './object-reader.ts';
import { Recent } from './recent.ts';
import { RemoteBranches } from './remote-branches.ts';

/** What the remote's refs point at; undefined: no such branch. */
export interface RemoteRefs {
  readonly defaultBranch: string | undefined;
  readonly base: string | undefined;
  readonly branch: string | undefined;
  /** What the branch's earlier name points at. */
  readonly former: string | undefined;
}

/** What was read of all repositories of a run, by ids: it can't get old. */
export class GitMemory {
  readonly trees = new TreeMemory();
  /** Texts of files, by characters. */
  readonly texts = new Recent<string>(64 * 1024 * 1024);
}

/** A branch is about to be written on what is known of it and its base: whoever else writes is seen half a minute later at
 *  the most. The push itself takes only a branch that still is where it was said to be. */
const freshSeconds = 30;

/** A shallow, blob-filtered clone without a working tree, in a cache. Files are read and commits are made from the object
 *  store, so that no filter, hook, attribute or link of the repository ever runs or is followed. All methods throw
 *  `GitError` when git fails. */
export class GitRepository {
  readonly #store: CloneStore;
  readonly #runnerIn: (folder: string) => GitRunner;
  readonly #url: string;
  readonly #isFiltered: boolean;
  readonly #memory: GitMemory;
  readonly #trees: GitTrees;
  readonly #remote = new RemoteBranches(() => this.#sound([], () => this.#listRemote()));
  #git: GitRunner;
  #objects: ObjectReader;
  /** Commits of base branches that this run fetched or found, with all of their trees. */
  readonly #bases = new Map<string, GitObject>();
  /** Commits that are not pushed yet: where they are, and how they are made again. */
  readonly #made = new Map<string, { readonly isIn: GitRunner; readonly again: () => Promise<unknown> }>();

  private constructor(
    store: CloneStore,
    runnerIn: (folder: string) => GitRunner,
    folder: string,
    url: string,
    { isFiltered, memory = new GitMemory() }: CloneOptions,
  ) {
    this.#store = store;
    this.#runnerIn = runnerIn;
    this.#git = runnerIn(folder);
    this.#objects = new ObjectReader(this.#git);
    this.#url = url;
    this.#isFiltered = isFiltered;
    this.#memory = memory;
    this.#trees = new GitTrees(url, memory.trees);
  }

  /** Opens the cached clone of `url` (https, http or file), making it when it is missing or damaged. */
  static async open(
    url: string,
    cache: string,
    access: AccessSource | undefined,
    options: CloneOptions,
  ): Promise<GitRepository> {
    const transport = transportOf(url);
    const store = new CloneStore(cache, url, cloneConfig(url, transport));
    const settings = options.isFiltered ? filteredSettings : [];
    const runnerIn = (folder: string) => new GitRunner(folder, 'own', { transport, access, settings });
    return new GitRepository(store, runnerIn, await store.open(), url, options);
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
        this.#objects.close();
        this.#bases.clear();
        this.#objects = new ObjectReader(this.#git);
      }
      if (commits.length > 0) await this.#fetch(['--depth=1', 'origin', ...commits]);
      return work();
    }
  }

  /** @param branch  when it is asked for, it may be written next: then the answer is a fresh one. Without, what is only read
   *    is of one moment in the whole run, but for what the run itself wrote */
  async refs(
    base: string | undefined,
    branch: string | undefined,
    former: string | undefined,
  ): Promise<RemoteRefs> {
    const { defaultBranch, head, commits } = await this.#remote.known(
      branch === undefined ? Infinity : freshSeconds,
    );
    const at = (name: string | undefined) => (name === undefined ? undefined : commits.get(name));
    const found = at(base ?? defaultBranch) ?? (base === undefined ? head : undefined);
    return { defaultBranch, base: found, branch: at(branch), former: at(former) };
  }

  /** All branches at once: the remote sends them all, however few are asked for. */
  #listRemote(): Promise<string> {
    return this.#git.text(['ls-remote', '--symref', 'origin', 'HEAD', 'refs/heads/*']);
  }

  /** @param commit  what the remote says the branch is at; no fetch when it is here already */
  fetchBase(base: string, commit: string): Promise<Tree> {
    return this.#sound([], () => this.#fetchBase(base, commit));
  }

  async #fetchBase(base: string, commit: string): Promise<Tree> {
    const seen = this.#bases.get(commit);
    if (seen !== undefined) return this.#treeOf(seen);
    const known = refOf('base', base);
    let here = await this.#object(known);
    if (here?.id !== commit) {
      await this.#fetch(['--depth=1', 'origin', `+refs/heads/${base}:${known}`]);
      here = await this.#object(known);
    }
    const found = present(here, known);
    const tree = await this.#treeOf(found);
    this.#bases.set(found.id, found);
    // It moved between the question and the fetch: from now on it is where it was fetched.
    if (found.id !== commit) await this.#remote.moved(base, found.id);
    return tree;
  }

  async #object(name: string): Promise<GitObject | undefined> {
    const [found] = await this.#objects.read([name]);
    return found;
  }

  /** What a ref of the clone points at; it was set when all of it was fetched. */
  async #commitAt(ref: string): Promise<string> {
    return (await this.#object(ref))?.id ?? '';
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
    return this.#treeOf(present(await this.#object(`${known}^{commit}`), known));
  }

  /** The branch with every commit that `base`, fetched before, does not have.
   *  @param commit  what the remote says the branch is at; no fetch when it is here already */
  fetchBranch(branch: string, base: BaseBranch, commit: string): Promise<FetchedBranch> {
    return this.#sound([base.tree.revision], () => this.#fetchBranch(branch, base, commit));
  }

  async #fetchBranch(branch: string, base: BaseBranch, commit: string): Promise<FetchedBranch> {
    return readBranch(
      {
        commitAt: (ref) => this.#commitAt(ref),
        fetch: (args) => this.#fetch(args),
        commits: async (ids) => {
          const found = await this.#objects.read(ids);
          return ids.map((id, index) => parseCommit(commitIn(found[index], id).bytes.toString('utf8')));
        },
        shallow: async () => {
          const text = await readFile(join(this.#git.directory, 'shallow'), 'utf8').catch(() => '');
          return new Set(text.split('\n'));
        },
        treeOf: async (id) => this.#treeOf(present(await this.#object(id), id)),
        changes: async (from, to) =>
          this.#trees.diff(await this.#rootOf(from), await this.#rootOf(to), this.#objects),
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

  async #rootOf(commit: string): Promise<string> {
    return treeIn(present(await this.#object(commit), commit));
  }

  async #treeOf(commit: GitObject): Promise<Tree> {
    const { paths, links, blobs } = await this.#trees.list(treeIn(commit), this.#objects);
    return {
      revision: commit.id,
      snapshot: { ...emptySnapshot, paths, links },
      read: (wanted) => this.#read(wanted, blobs, commit.id),
    };
  }

  async #read(
    wanted: readonly RepoPath[],
    blobs: ReadonlyMap<RepoPath, string>,
    commit: string,
  ): Promise<Outcome<ReadFiles>> {
    try {
      const texts = await this.#sound(this.#isFiltered ? [] : [commit], () =>
        readTexts(wanted, blobs, {
          objects: this.#objects,
          fetch: this.#isFiltered ? (ids) => this.#fetchBlobs(ids) : undefined,
          repository: this.#url,
          memory: this.#memory.texts,
        }),
      );
      const files = new Map<RepoPath, string>();
      const unreadable = new Set<RepoPath>();
      for (const [index, path] of wanted.entries()) {
        const text = texts[index];
        if (text === undefined) unreadable.add(path);
        else files.set(path, text);
      }
      return success({ files, unreadable });
    } catch (error) {
      if (error instanceof GitError) return failure(gitProblem(error, nameIn(this.#url)));
      throw error;
    }
  }

  async #fetchBlobs(ids: readonly string[]): Promise<void> {
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
    const git = this.#git;
    await this.#store.exclusively(() => git.text(args, { input: `${ids.join('\n')}\n` }));
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
    const root = await this.#rootOf(parent);
    const modes = new Map<string, string>();
    for (const { path } of changes) {
      const mode = await this.#trees.modeAt(root, path, this.#objects);
      if (mode !== undefined) modes.set(path, mode);
    }
    return modes;
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
      await this.#remote.moved(branch, commit);
    } catch (error) {
      // Whoever tries again starts from what is there now.
      this.#remote.forget();
      // The answer may have been lost after the work was done; a commit's id is nobody else's.
      if (!(error instanceof GitError) || !(await this.#isAt(branch, commit))) throw error;
    }
  }

  async #isAt(branch: string, commit: string): Promise<boolean> {
    try {
      return (await this.#remote.known(0)).commits.get(branch) === commit;
    } catch (error) {
      if (error instanceof GitError) return false;
      throw error;
    }
  }
}

interface CloneOptions {
  /** Whether it leaves out contents of files until they are asked for. */
  readonly isFiltered: boolean;
  /** Of the run; undefined: one of its own. */
  readonly memory?: GitMemory;
}

function commitIn(object: GitObject | undefined, id: string): GitObject {
  const found = present(object, id);
  if (found.type !== 'commit') throw new GitError(`fatal: ${id} is not a commit`);
  return found;
}

/** The id of a commit's tree: its first line. */
function treeIn(commit: GitObject): string {
  const id = /^tree ([0-9a-f]{40})$/.exec(
    commitIn(commit, commit.id).bytes.subarray(0, 45).toString('latin1'),
  )?.[1];
  if (id === undefined) throw new GitError(`fatal: ${commit.id} is not a commit`);
  return id;
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
