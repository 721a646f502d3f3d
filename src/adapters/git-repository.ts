import { createHash } from 'node:crypto';
import { appendFile, mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RepoPath } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import { emptySnapshot, type FileChange, type ReadFiles } from '../model/snapshot.ts';
import { readBranch, refOf, type BaseBranch, type FetchedBranch } from './branch-fetch.ts';
import { decode } from './files.ts';
import { parseBatch } from './git-objects.ts';
import { gitProblem } from './git-problem.ts';
import { GitError, GitRunner, type AccessSource } from './git-run.ts';
import { importOf } from './git-import.ts';
import { withLock } from './git-lock.ts';

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
  readonly #git: GitRunner;
  readonly #url: string;
  readonly #isFiltered: boolean;
  readonly #known = new Set<string>();

  private constructor(git: GitRunner, url: string, isFiltered: boolean) {
    this.#git = git;
    this.#url = url;
    this.#isFiltered = isFiltered;
  }

  /** Opens the cached clone of `url`, making it when it is missing or broken. */
  static async open(
    url: string,
    cache: string,
    access: AccessSource,
    options: { isFiltered: boolean },
  ): Promise<GitRepository> {
    const folder = join(cache, `${createHash('sha256').update(url).digest('hex').slice(0, 20)}.git`);
    await mkdir(cache, { recursive: true, mode: 0o700 });
    const git = new GitRunner(folder, access);
    await withLock(`${folder}.lock`, async () => {
      if (await isUsable(git, folder)) return;
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      await git.text(['init', '--quiet', '--bare', '.']);
      await appendFile(join(folder, 'config'), configOf(url, options.isFiltered));
    });
    return new GitRepository(git, url, options.isFiltered);
  }

  async refs(
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
  async fetchBase(base: string, commit: string): Promise<Tree> {
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
  async fetchRef(ref: string): Promise<Tree | undefined> {
    const names = [`refs/tags/${ref}`, `refs/heads/${ref}`];
    const answer = await this.#git.text(['ls-remote', 'origin', ...names]);
    const name = names.find((each) => answer.split('\n').some((line) => line.endsWith(`\t${each}`)));
    if (name === undefined) return undefined;
    const known = refOf('read', ref);
    await this.#fetch(['--depth=1', 'origin', `+${name}:${known}`]);
    return this.#treeOf((await this.#git.text(['rev-parse', `${known}^{commit}`])).trim());
  }

  /** The branch beside `base`, fetched before.
   *  @param commit  what the remote says the branch is at; no fetch when it is here already */
  fetchBranch(branch: string, base: BaseBranch, commit: string): Promise<FetchedBranch> {
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
    await withLock(`${this.#git.directory}.lock`, () =>
      this.#git.text([
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
      read: (wanted) => this.#read(wanted, blobs),
    };
  }

  async #read(
    wanted: readonly RepoPath[],
    blobs: ReadonlyMap<RepoPath, string>,
  ): Promise<Outcome<ReadFiles>> {
    const ids = wanted.map((path) => {
      const id = blobs.get(path);
      if (id === undefined) throw new Error(`${path} is not in the tree`);
      return id;
    });
    try {
      await this.#prefetch(ids);
      const contents = parseBatch(await this.#git.objects(`${ids.join('\n')}\n`));
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
    await withLock(`${this.#git.directory}.lock`, () =>
      this.#git.text(args, { input: `${missing.join('\n')}\n` }),
    );
    for (const id of missing) this.#known.add(id);
  }

  /** Makes one commit of the changes on top of `parent`, from the object store alone.
   *  @returns its id; nothing refers to it until it is pushed */
  async commit(parent: string, changes: readonly FileChange[], message: string): Promise<string> {
    const modes = await this.#modes(parent, changes);
    const stream = importOf(parent, changes, modes, message, Math.floor(Date.now() / 1000));
    return (await this.#git.text(['fast-import', '--quiet', '--done'], { input: stream })).trim();
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
      await this.#git.text([
        'push',
        '--quiet',
        '--porcelain',
        `--force-with-lease=${ref}:${expected ?? ''}`,
        'origin',
        `${commit}:${ref}`,
      ]);
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

/** All settings at once: each `git config` is a process. */
function configOf(url: string, isFiltered: boolean): string {
  const filter = isFiltered ? '\tpromisor = true\n\tpartialclonefilter = blob:none\n' : '';
  const quoted = url.replace(/["\\]/g, '\\$&');
  return `[remote "origin"]
\turl = "${quoted}"
${filter}[gc]
\tauto = 0
[core]
\tsymlinks = false
[fetch]
\tnegotiationAlgorithm = noop
[meshwright]
\tready = true
`;
}

async function isUsable(git: GitRunner, folder: string): Promise<boolean> {
  if ((await stat(folder).catch(() => undefined)) === undefined) return false;
  try {
    return (await git.text(['config', 'meshwright.ready'])).trim() === 'true';
  } catch {
    return false;
  }
}

function nameIn(url: string): string {
  return /([^/]+\/[^/]+?)(?:\.git)?$/.exec(url)?.[1] ?? url;
}
