import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { concurrently } from '../model/concurrently.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Forge } from '../model/ports.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import type { Answer, BranchRecord, Inspection } from '../model/survey.ts';
import { decode } from './files.ts';
import { openForeign } from './foreign-repository.ts';
import { createForge } from './forge.ts';
import { gitProblem } from './git-problem.ts';
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
import { sameText, type PullRequestHost } from './pull-requests.ts';

const atOnce = 4;

/** Bare repositories `<directory>/<owner>/<name>.git`, with their pull requests as files
 *  `<directory>/<owner>/<name>.pulls/<number>.md` beside them. Needs no account and no network. */
export function createLocalForge(options: {
  readonly directory: string;
  readonly cacheDirectory: string;
}): Forge {
  return createForge(new LocalHost(options.directory, options.cacheDirectory));
}

class LocalHost implements PullRequestHost {
  readonly #directory: string;
  readonly #cache: string;

  constructor(directory: string, cache: string) {
    this.#directory = directory;
    this.#cache = cache;
  }

  readonly #views = new Map<RepositoryId, Promise<string>>();

  /** Where git may run for a repository that anyone may have written. */
  async #git(repository: RepositoryId): Promise<GitRunner> {
    const view =
      this.#views.get(repository) ?? openForeign(resolve(this.#directory), repository, this.#cache);
    this.#views.set(repository, view);
    return new GitRunner(await view, 'own');
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
    const { directory } = await this.#git(repository);
    return GitRepository.open(pathToFileURL(directory).href, this.#cache, undefined, {
      isFiltered: false,
    });
  }

  async list(repository: RepositoryId, branch: string): Promise<Outcome<readonly LocalPull[]>> {
    const pulls = (await readPulls(this.#folder(repository))).filter((pull) => pull.branch === branch);
    return success(await Promise.all(pulls.map((pull) => this.#asItIs(repository, pull))));
  }

  /** Whoever pushes a branch to its base has merged the pull request, as on GitHub. */
  async #asItIs(repository: RepositoryId, pull: LocalPull): Promise<LocalPull> {
    if (pull.state !== 'open' || !/^[0-9a-f]{40}$/.test(pull.head)) return pull;
    const git = await this.#git(repository);
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

  async create(
    repository: RepositoryId,
    wanted: { title: string; body: string; branch: string; base: string; draft: boolean },
  ): Promise<Outcome<LocalPull>> {
    const pull = await addPull(this.#folder(repository), {
      state: 'open',
      head: await this.#headOf(repository, wanted.branch),
      created: new Date().toISOString(),
      merged: undefined,
      labels: [],
      reviewers: [],
      ...wanted,
    });
    return success(pull);
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
    concurrently(questions, atOnce, ({ repository, file, branches }) =>
      answered(repository, async (): Promise<Outcome<Answer>> => {
        const found = await this.find(repository);
        if (!found.ok) return found;
        const git = await this.#git(repository);
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
      }),
    );

  inspect: Forge['inspect'] = (places) =>
    concurrently(places, atOnce, ({ repository, number, branch, file }) =>
      answered(repository, async (): Promise<Outcome<Inspection>> => {
        const git = await this.#git(repository);
        const pull = await this.#asItIs(repository, await readPull(this.#folder(repository), number));
        const shown = await git.text([
          'for-each-ref',
          '--format=%(parent)%00%(contents)',
          `refs/heads/${branch}`,
        ]);
        const [parent, message] = shown === '' ? [] : shown.split('\0');
        const isOnBase = parent !== undefined && parent === (await this.#headOf(repository, pull.base));
        return success({
          mergedAt: pull.merged,
          remarks: await readComments(pull),
          body: pull.body,
          labels: pull.labels,
          reviewers: pull.reviewers,
          text: await textAt(git, `refs/heads/${branch}:${file}`),
          message,
          isOnBase,
        });
      }),
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
    const git = await this.#git(repository);
    return (await git.text(['rev-parse', `refs/heads/${branch}`])).trim();
  }
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

/** The text of `branch:path` in a bare repository, when there is one. */
async function textAt(git: GitRunner, name: string): Promise<string | undefined> {
  const [bytes] = parseBatch(await git.objects(`${name}\n`));
  return bytes === undefined ? undefined : decode(bytes);
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])];
}
