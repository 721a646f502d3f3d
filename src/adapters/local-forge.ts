import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { concurrently } from '../model/concurrently.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import type { Forge } from '../model/ports.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import type { Answer, BranchRecord } from '../model/survey.ts';
import { makeFolder } from './folders.ts';
import { decode } from './files.ts';
import { BranchRecords } from './branch-records.ts';
import { openForeign, type ForeignRepository } from './foreign-repository.ts';
import { createForge } from './forge.ts';
import { gitProblem } from './git-problem.ts';
import { withLock } from './git-lock.ts';
import { GitMemory, GitRepository } from './git-repository.ts';
import { GitError, GitRunner } from './git-run.ts';
import { ObjectReader } from './object-reader.ts';
import { RemoteBranches, type Branches } from './remote-branches.ts';
import {
  addPull,
  changePull,
  readComments,
  readPull,
  readPulls,
  writeComment,
  type LocalPull,
} from './local-pulls.ts';
import {
  sameText,
  type CreatedPullRequest,
  type HostInspection,
  type NewPullRequest,
  type PullRequestHost,
} from './pull-requests.ts';

const atOnce = 4;
/** A command line does not get longer than this many branches make it. */
const mostHeads = 1000;

/** Bare repositories `<directory>/<owner>/<name>.git`, with their pull requests as files
 *  `<directory>/<owner>/<name>.pulls/<number>.md` beside them. Needs no account and no network. */
export function createLocalForge(options: {
  readonly directory: string;
  readonly cacheDirectory: string;
}): Forge {
  return createForge(
    new LocalHost(options.directory, options.cacheDirectory),
    new BranchRecords(options.cacheDirectory),
  );
}

/** A repository that anyone may have written, and what may look at it. */
interface RepositoryView extends ForeignRepository {
  readonly git: GitRunner;
  readonly objects: ObjectReader;
}

class LocalHost implements PullRequestHost {
  readonly host = undefined;
  readonly #directory: string;
  readonly #cache: string;
  readonly #memory = new GitMemory();
  /** Heads of pull requests that a commit of a base branch does not have: it never will. */
  readonly #unmerged = new Set<string>();

  constructor(directory: string, cache: string) {
    this.#directory = directory;
    this.#cache = cache;
  }

  readonly #views = new Map<RepositoryId, Promise<RepositoryView>>();

  /** Where git may run for a repository that anyone may have written: looked through once in a run. */
  #view(repository: RepositoryId): Promise<RepositoryView> {
    const known = this.#views.get(repository);
    if (known !== undefined) return known;
    const view = openForeign(resolve(this.#directory), repository, this.#cache).then(
      (foreign): RepositoryView => {
        const git = new GitRunner(foreign.folder, 'own');
        return { ...foreign, git, objects: new ObjectReader(git) };
      },
    );
    this.#views.set(repository, view);
    return view;
  }

  #bare(repository: RepositoryId): string {
    return join(resolve(this.#directory), `${repository}.git`);
  }

  #folder(repository: RepositoryId): string {
    return join(resolve(this.#directory), `${repository}.pulls`);
  }

  async find(repository: RepositoryId): Promise<Outcome<void>> {
    const found = await stat(this.#bare(repository)).catch(() => undefined);
    if (found?.isDirectory() === true) return success(undefined);
    return failure({
      rule: 'forge-not-found',
      severity: 'error',
      message: `The local forge ${this.#directory} has no repository ${repository}.`,
      fix: `Create it with git init --bare ${join(this.#directory, `${repository}.git`)} and push to it.`,
    });
  }

  async clone(repository: RepositoryId): Promise<GitRepository> {
    const { folder } = await this.#view(repository);
    return GitRepository.open(pathToFileURL(folder).href, this.#cache, undefined, {
      isFiltered: false,
      memory: this.#memory,
    });
  }

  async list(repository: RepositoryId, branch: string): Promise<Outcome<readonly LocalPull[]>> {
    const pulls = (await readPulls(this.#folder(repository))).filter((pull) => pull.branch === branch);
    return success(await Promise.all(pulls.map((pull) => this.#asItIs(repository, pull))));
  }

  /** Whoever pushes a branch to its base has merged the pull request, as on GitHub. */
  async #asItIs(repository: RepositoryId, pull: LocalPull): Promise<LocalPull> {
    if (pull.state !== 'open' || !/^[0-9a-f]{40}$/.test(pull.head)) return pull;
    const { git, objects } = await this.#view(repository);
    const base = await commitAt(objects, pull.base);
    const pair = `${repository} ${pull.head} ${base ?? ''}`;
    if (base === undefined || this.#unmerged.has(pair)) return pull;
    await this.#learnUnmerged(repository, pull.base, base);
    if (this.#unmerged.has(pair)) return pull;
    try {
      await git.text(['merge-base', '--is-ancestor', pull.head, base]);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      // It says no by its code alone; anything else may be otherwise the next time.
      if (error.message.endsWith('with code 1')) this.#unmerged.add(pair);
      return pull;
    }
    try {
      const path = await git.text([
        'rev-list',
        '--first-parent',
        '--reverse',
        '--ancestry-path',
        '--parents',
        `${pull.head}..${base}`,
      ]);
      const [merge = '', parent = ''] = (path.split('\n')[0] ?? '').split(' ');
      const isMergeCommit = merge !== '' && parent !== pull.head;
      const merged = isMergeCommit
        ? Number(await git.text(['log', '-1', '--format=%ct', merge])) * 1000
        : await this.#pushedAt(repository, pull.base);
      // Nobody merged it before it was there, whatever a commit says of its date.
      const earliest = Date.parse(pull.created);
      return { ...pull, state: 'merged', merged: new Date(Math.max(merged, earliest)).toISOString() };
    } catch (error) {
      if (error instanceof GitError) return pull;
      throw error;
    }
  }

  readonly #learned = new Map<string, Promise<void>>();

  /** Which open pull requests a base branch does not have: one process for all whose branches are still there. */
  #learnUnmerged(repository: RepositoryId, branch: string, base: string): Promise<void> {
    const key = `${repository} ${base}`;
    const known = this.#learned.get(key);
    if (known !== undefined) return known;
    const learning = (async () => {
      const { git } = await this.#view(repository);
      const pulls = await readPulls(this.#folder(repository));
      const open = pulls.filter((pull) => pull.state === 'open' && pull.base === branch);
      const heads = open.flatMap((pull) => (isBranch(pull.branch) ? [`refs/heads/${pull.branch}`] : []));
      if (heads.length < 2) return;
      const ids = await git.text([
        'for-each-ref',
        `--no-merged=${base}`,
        '--format=%(objectname)',
        ...new Set(heads.slice(0, mostHeads)),
      ]);
      for (const id of ids.split('\n')) this.#unmerged.add(`${repository} ${id} ${base}`);
    })().catch((error: unknown) => {
      // Then each is looked at by itself.
      if (!(error instanceof GitError)) throw error;
    });
    this.#learned.set(key, learning);
    return learning;
  }

  /** The same, written down: when it was merged is known best by whoever sees it first. */
  async #recorded(repository: RepositoryId, pull: LocalPull): Promise<LocalPull> {
    const now = await this.#asItIs(repository, pull);
    if (now.state === pull.state) return now;
    const { state, merged } = now;
    const record = changePull(this.#folder(repository), pull.number, (known) =>
      Promise.resolve(known.state === 'open' ? { state, merged } : undefined),
    );
    // Who may only read the folder still sees it; the next one writes it down.
    await record.catch(() => false);
    return now;
  }

  /** When a branch was moved last. A fast-forward leaves no commit of its own, and the commits it brings are older. */
  async #pushedAt(repository: RepositoryId, branch: string): Promise<number> {
    const loose = await stat(join(this.#bare(repository), 'refs/heads', branch)).catch(() => undefined);
    const found = loose ?? (await stat(join(this.#bare(repository), 'packed-refs')));
    return Math.ceil(found.mtimeMs);
  }

  /** One run at a time looks whether there is one, and else makes it. */
  async create(repository: RepositoryId, wanted: NewPullRequest): Promise<Outcome<CreatedPullRequest>> {
    const folder = this.#folder(repository);
    await makeFolder(folder);
    return withLock(join(folder, 'new.lock'), async () => {
      const listed = await this.list(repository, wanted.branch);
      if (!listed.ok) return listed;
      const open = listed.value.find((pull) => pull.state === 'open' && pull.base === wanted.base);
      if (open !== undefined) return success({ pullRequest: open, isNew: false });
      const pullRequest = await addPull(folder, {
        state: 'open',
        head: await this.#headOf(repository, wanted.branch),
        created: new Date().toISOString(),
        merged: undefined,
        labels: [],
        reviewers: [],
        ...wanted,
      });
      return success({ pullRequest, isNew: true });
    });
  }

  async update(
    repository: RepositoryId,
    number: number,
    changes: { title: string; body: string },
  ): Promise<Outcome<void>> {
    await changePull(this.#folder(repository), number, async ({ branch }) => ({
      ...changes,
      head: await this.#headOf(repository, branch),
    }));
    return success(undefined);
  }

  async decorate(
    repository: RepositoryId,
    { number }: { readonly number: number },
    labels: readonly string[],
    reviewers: readonly string[],
  ): Promise<{ readonly hasChanged: boolean; readonly problems: readonly [] }> {
    const hasChanged = await changePull(this.#folder(repository), number, (pull) => {
      const all = { labels: union(pull.labels, labels), reviewers: union(pull.reviewers, reviewers) };
      const isMore = all.labels.length > pull.labels.length || all.reviewers.length > pull.reviewers.length;
      return Promise.resolve(isMore ? all : undefined);
    });
    return { hasChanged, problems: [] };
  }

  /** Where the branches of repositories are now, each repository asked once. */
  #branches(): (repository: RepositoryId) => Promise<Branches> {
    const asked = new Map<RepositoryId, RemoteBranches>();
    return (repository) => {
      const known =
        asked.get(repository) ??
        new RemoteBranches(async () => {
          const { git } = await this.#view(repository);
          return git.text(['for-each-ref', '--format=%(objectname)%09%(refname)', 'refs/heads']);
        });
      asked.set(repository, known);
      return known.known(Infinity);
    };
  }

  survey: Forge['survey'] = (questions, base) => {
    const branchesOf = this.#branches();
    return concurrently(questions, atOnce, ({ repository, file, branches }) =>
      answered(repository, async (): Promise<Outcome<Answer>> => {
        const found = await this.find(repository);
        if (!found.ok) return found;
        const { objects, defaultBranch } = await this.#view(repository);
        const { commits } = await branchesOf(repository);
        const main = base ?? defaultBranch;
        if (main === undefined) throw new GitError('fatal: ref HEAD is not a symbolic ref');
        const pulls = await readPulls(this.#folder(repository));
        const records = branches.map(async (branch): Promise<readonly [string, BranchRecord]> => {
          const own = pulls.filter((pull) => pull.branch === branch && pull.base === main);
          const known = await Promise.all(own.map((pull) => this.#recorded(repository, pull)));
          const pullRequests = known.map(({ number, url, state, created, merged }) => ({
            number,
            url,
            state,
            createdAt: created,
            mergedAt: merged,
          }));
          return [branch, { exists: commits.has(branch), pullRequests }];
        });
        return success({
          text: await textAt(objects, commits.get(main), file),
          branches: new Map(await Promise.all(records)),
        });
      }),
    );
  };

  inspect: PullRequestHost['inspect'] = (places) => {
    const branchesOf = this.#branches();
    return concurrently(places, atOnce, ({ repository, number, branch, file }) =>
      answered(repository, async (): Promise<Outcome<HostInspection>> => {
        const { objects } = await this.#view(repository);
        const pull = await this.#asItIs(repository, await readPull(this.#folder(repository), number));
        const { commits } = await branchesOf(repository);
        const head = commits.get(branch);
        return success({
          mergedAt: pull.merged,
          remarks: await readComments(pull),
          body: pull.body,
          labels: pull.labels,
          reviewers: pull.reviewers,
          text: await textAt(objects, head, file),
          head,
          base: commits.get(pull.base),
        });
      }),
    );
  };

  async close(repository: RepositoryId, number: number, comment: string): Promise<Outcome<void>> {
    await changePull(this.#folder(repository), number, async (known) => {
      const pull = await this.#asItIs(repository, known);
      if (pull.state !== 'open') return undefined;
      const said = await readComments(pull);
      const isSaid = said.some((remark) => remark.kind === 'comment' && sameText(remark.text, comment));
      if (!isSaid) await writeComment(pull, 'meshwright', comment);
      return { state: 'closed' };
    });
    return success(undefined);
  }

  async #headOf(repository: RepositoryId, branch: string): Promise<string> {
    const { objects } = await this.#view(repository);
    const head = await commitAt(objects, branch);
    if (head === undefined) throw new GitError(`fatal: there is no branch ${branch}`);
    return head;
  }
}

/** What is no name of a branch may be a question of another kind to git. */
function isBranch(name: string): boolean {
  return /^[^\s~^:?*[\\\x7f]+$/.test(name) && !/\.\.|@\{|\/\//.test(name);
}

/** The commit a branch is at now; undefined: there is no such branch. */
async function commitAt(objects: ObjectReader, branch: string): Promise<string | undefined> {
  if (!isBranch(branch)) return undefined;
  const [found] = await objects.read([`refs/heads/${branch}`]);
  return found?.type === 'commit' ? found.id : undefined;
}

/** What git says against a repository is the answer for it, and not for the others. */
async function answered<T>(repository: RepositoryId, ask: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof GitError) return failure(gitProblem(error, repository));
    throw error;
  }
}

/** The text of a file of a commit, when there is one. */
async function textAt(
  objects: ObjectReader,
  commit: string | undefined,
  file: RepoPath,
): Promise<string | undefined> {
  const [found] = commit === undefined ? [] : await objects.read([`${commit}:${file}`]);
  return found?.type === 'blob' ? decode(found.bytes) : undefined;
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])];
}
