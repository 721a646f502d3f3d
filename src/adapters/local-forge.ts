import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RepositoryId } from '../model/named.ts';
import type { Forge } from '../model/ports.ts';
import { failure, success } from '../model/problem.ts';
import { createForge } from './forge.ts';
import { GitRepository } from './git-repository.ts';
import { GitRunner } from './git-run.ts';
import type { PullRequest, PullRequestHost } from './pull-requests.ts';

const access = { environment: {}, secrets: [] };

/** Bare repositories `<directory>/<owner>/<name>.git`, with their pull requests as files
 *  `<directory>/<owner>/<name>.pulls/<number>.md` beside them. Needs no account and no network. */
export function createLocalForge(options: {
  readonly directory: string;
  readonly cacheDirectory: string;
}): Forge {
  const root = resolve(options.directory);
  const bare = (repository: RepositoryId) => join(root, `${repository}.git`);
  const folder = (repository: RepositoryId) => join(root, `${repository}.pulls`);
  const headOf = async (repository: RepositoryId, ref: string): Promise<string> =>
    (await new GitRunner(bare(repository), access).text(['rev-parse', ref])).trim();

  const host: PullRequestHost = {
    async find(repository) {
      if ((await stat(bare(repository)).catch(() => undefined))?.isDirectory() === true)
        return success({ defaultBranch: undefined });
      return failure({
        rule: 'forge-not-found',
        severity: 'error',
        message: `The local forge ${options.directory} has no repository ${repository}.`,
        fix: `Create it with git init --bare ${join(options.directory, `${repository}.git`)} and push to it.`,
      });
    },
    clone: (repository) =>
      GitRepository.open(pathToFileURL(bare(repository)).href, options.cacheDirectory, access, {
        isFiltered: false,
      }),
    async list(repository, branch) {
      const names = await readdir(folder(repository)).catch(() => []);
      const numbers = names.flatMap((name) => (/^\d+\.md$/.test(name) ? [Number.parseInt(name, 10)] : []));
      const found: PullRequest[] = [];
      for (const number of numbers.sort((one, other) => other - one)) {
        const file = join(folder(repository), `${String(number)}.md`);
        const entry = parse(await readFile(file, 'utf8'), number, file);
        if (entry.branch !== branch) continue;
        found.push(entry);
      }
      return success(found);
    },
    async create(repository, wanted) {
      await mkdir(folder(repository), { recursive: true });
      const head = await headOf(repository, `refs/heads/${wanted.branch}`);
      for (let number = (await readdir(folder(repository))).length + 1; ; number++) {
        const url = join(folder(repository), `${String(number)}.md`);
        const entry: Entry = { number, url, state: 'open', head, labels: [], reviewers: [], ...wanted };
        try {
          await writeFile(url, print(entry), { flag: 'wx' });
          return success(entry);
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
        }
      }
    },
    async update(repository, number, changes) {
      const file = join(folder(repository), `${String(number)}.md`);
      const { branch } = parse(await readFile(file, 'utf8'), number, file);
      await rewrite(file, number, { ...changes, head: await headOf(repository, `refs/heads/${branch}`) });
      return success(undefined);
    },
    async decorate(repository, pullRequest, labels, reviewers) {
      const all = {
        labels: union(pullRequest.labels, labels),
        reviewers: union(pullRequest.reviewers, reviewers),
      };
      const hasChanged =
        all.labels.length > pullRequest.labels.length || all.reviewers.length > pullRequest.reviewers.length;
      if (hasChanged) await rewrite(pullRequest.url, pullRequest.number, all);
      return { hasChanged, problems: [] };
    },
  };
  return createForge(host);
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])];
}

interface Entry extends PullRequest {
  readonly branch: string;
  readonly draft: boolean;
}

async function rewrite(file: string, number: number, changes: Partial<Entry>): Promise<void> {
  await writeFile(file, print({ ...parse(await readFile(file, 'utf8'), number, file), ...changes }));
}

/** A pull request as a file that people read: fields as lines, then the body. */
function print(entry: Entry): string {
  return `# ${entry.title}

state: ${entry.state}
branch: ${entry.branch}
base: ${entry.base}
head: ${entry.head}
draft: ${String(entry.draft)}
labels: ${entry.labels.join(', ')}
reviewers: ${entry.reviewers.join(', ')}

---

${entry.body}`;
}

function parse(text: string, number: number, file: string): Entry {
  const split = text.indexOf('\n---\n\n');
  const head = text.slice(0, split);
  const field = (name: string) =>
    new Map(head.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)])).get(
      name,
    ) ?? '';
  const listOf = (name: string) =>
    field(name)
      .split(', ')
      .filter((item) => item !== '' && item !== `${name}:`);
  const state = field('state');
  return {
    number,
    url: file,
    state: state === 'merged' || state === 'closed' ? state : 'open',
    title: /^# (.*)$/m.exec(head)?.[1] ?? '',
    body: text.slice(split + '\n---\n\n'.length),
    branch: field('branch'),
    base: field('base'),
    head: field('head'),
    draft: field('draft') === 'true',
    labels: listOf('labels'),
    reviewers: listOf('reviewers'),
  };
}
