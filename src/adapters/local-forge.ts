import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { concurrently } from '../model/concurrently.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Forge } from '../model/ports.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import type { Answer, BranchRecord } from '../model/survey.ts';
import { decode } from './files.ts';
import { BranchRecords } from './branch-records.ts';
import { createForge } from './forge.ts';
import { withLock } from './git-lock.ts';
import { parseBatch } from './git-objects.ts';
import { GitRepository } from './git-repository.ts';
import { GitError, GitRunner } from './git-run.ts';
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

const access = () => Promise.resolve({ environment: {}, secrets: [] });
const atOnce = 4;

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

class LocalHost implements PullRequestHost {
  readonly #directory: string;
  readonly #cache: string;

  constructor(directory: string, cache: string) {
    this.#directory = directory;
    this.#cache = cache;
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

  clone(repository: RepositoryId): Promise<GitRepository> {
    return GitRepository.open(pathToFileURL(this.#bare(repository)).href, this.#cache, access, {
      isFiltered: false,
    });
  }

  async list(repository: RepositoryId, branch: string): Promise<Outcome<readonly LocalPull[]>> {
    const pulls = (await readPulls(this.#folder(repository))).filter((pull) => pull.branch === branch);
    return success(await Promise.all(pulls.map((pull) => this.#asItIs(repository, pull))));
  }

  /** Whoever pushes a branch to its base has merged the pull request, as on GitHub. */
  async #asItIs(repository: RepositoryId, pull: LocalPull): Promise<LocalPull> {
    if (pull.state !== 'open') return pull;
    const git = new GitRunner(this.#bare(repository), access);
    try {
      const base = `refs/heads/${pull.base}`;
      await git.text(['merge-base', '--is-ancestor', pull.head, base]);
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
      const date = await git.text(['log', '-1', '--format=%ct', isMergeCommit ? merge : pull.head]);
      return { ...pull, state: 'merged', merged: new Date(Number(date) * 1000).toISOString() };
    } catch (error) {
      if (error instanceof GitError) return pull;
      throw error;
    }
  }

  /** One run at a time looks whether there is one, and else makes it. */
  async create(repository: RepositoryId, wanted: NewPullRequest): Promise<Outcome<CreatedPullRequest>> {
    const folder = this.#folder(repository);
    await mkdir(folder, { recursive: true });
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

  survey: Forge['survey'] = (questions, base) =>
    concurrently(questions, atOnce, async ({ repository, file, branches }): Promise<Outcome<Answer>> => {
      const found = await this.find(repository);
      if (!found.ok) return found;
      const git = new GitRunner(this.#bare(repository), access);
      const main = base ?? (await git.text(['symbolic-ref', '--short', 'HEAD'])).trim();
      const pulls = await readPulls(this.#folder(repository));
      const heads = new Set(
        (await git.text(['for-each-ref', '--format=%(refname:short)', 'refs/heads'])).split('\n'),
      );
      const records = branches.map(async (branch): Promise<readonly [string, BranchRecord]> => {
        const own = pulls.filter((pull) => pull.branch === branch && pull.base === main);
        const known = await Promise.all(own.map((pull) => this.#asItIs(repository, pull)));
        const pullRequests = known.map(({ number, url, state, created, merged }) => ({
          number,
          url,
          state,
          createdAt: created,
          mergedAt: merged,
        }));
        return [branch, { exists: heads.has(branch), pullRequests }];
      });
      return success({
        text: await textAt(git, `refs/heads/${main}:${file}`),
        branches: new Map(await Promise.all(records)),
      });
    });

  inspect: PullRequestHost['inspect'] = (places) =>
    concurrently(
      places,
      atOnce,
      async ({ repository, number, branch, file }): Promise<Outcome<HostInspection>> => {
        const git = new GitRunner(this.#bare(repository), access);
        const pull = await this.#asItIs(repository, await readPull(this.#folder(repository), number));
        return success({
          mergedAt: pull.merged,
          remarks: await readComments(pull),
          body: pull.body,
          labels: pull.labels,
          reviewers: pull.reviewers,
          text: await textAt(git, `refs/heads/${branch}:${file}`),
          head: await commitAt(git, branch),
          base: await commitAt(git, pull.base),
        });
      },
    );

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
    const git = new GitRunner(this.#bare(repository), access);
    return (await git.text(['rev-parse', `refs/heads/${branch}`])).trim();
  }
}

/** The commit a branch is at; undefined: there is no such branch. */
async function commitAt(git: GitRunner, branch: string): Promise<string | undefined> {
  const shown = await git.text(['for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`]);
  // The pattern also matches whatever lies below it.
  return shown.split('\n').find((line) => line !== '');
}

/** The text of `branch:path` in a bare repository, when there is one. */
async function textAt(git: GitRunner, name: string): Promise<string | undefined> {
  const [bytes] = parseBatch(await git.objects(`${name}\n`));
  return bytes === undefined ? undefined : decode(bytes);
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])];
}
