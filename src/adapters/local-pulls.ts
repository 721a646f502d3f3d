import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Remark } from '../model/survey.ts';
import type { PullRequest } from './pull-requests.ts';

/** A pull request of the local forge: a file that people read and edit. */
export interface LocalPull extends PullRequest {
  readonly branch: string;
  readonly draft: boolean;
  /** When, as `2026-11-24T10:00:00Z`. */
  readonly created: string;
  readonly merged: string | undefined;
}

/** The pull requests in a folder, newest first. */
export async function readPulls(folder: string): Promise<readonly LocalPull[]> {
  const names = await readdir(folder).catch(() => []);
  const numbers = names.flatMap((name) => (/^\d+\.md$/.test(name) ? [Number.parseInt(name, 10)] : []));
  return Promise.all(numbers.sort((one, other) => other - one).map((number) => readPull(folder, number)));
}

export async function readPull(folder: string, number: number): Promise<LocalPull> {
  const file = join(folder, `${String(number)}.md`);
  return parse(await readFile(file, 'utf8'), number, file, (await stat(file)).mtime.toISOString());
}

export async function rewritePull(pull: LocalPull, changes: Partial<LocalPull>): Promise<void> {
  await writeFile(pull.url, printPull({ ...pull, ...changes }));
}

/** Fields as lines, then the body. */
export function printPull(pull: LocalPull): string {
  return `# ${pull.title}

state: ${pull.state}
branch: ${pull.branch}
base: ${pull.base}
head: ${pull.head}
created: ${pull.created}
merged: ${pull.merged ?? ''}
draft: ${String(pull.draft)}
labels: ${pull.labels.join(', ')}
reviewers: ${pull.reviewers.join(', ')}

---

${pull.body}`;
}

/** @param touched  when the file was written last: stands for dates that nobody wrote down */
function parse(text: string, number: number, file: string, touched: string): LocalPull {
  const split = text.indexOf('\n---\n\n');
  const head = text.slice(0, split);
  const fields = new Map(
    head.split('\n').map((line) => [line.split(':')[0], line.slice(line.indexOf(':') + 1).trim()]),
  );
  const field = (name: string) => fields.get(name) ?? '';
  const listOf = (name: string) =>
    field(name)
      .split(', ')
      .filter((item) => item !== '');
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
    created: field('created') || touched,
    merged: state === 'merged' ? field('merged') || touched : undefined,
    draft: field('draft') === 'true',
    labels: listOf('labels'),
    reviewers: listOf('reviewers'),
  };
}

/** Comments lie beside a pull request, each below a heading `## alice, 2026-11-24T10:00:00Z`. Who can write the folder is a
 *  maintainer. */
export async function readComments(pull: LocalPull): Promise<readonly Remark[]> {
  const text = await readFile(commentsOf(pull), 'utf8').catch(() => '');
  const parts = text.split(/^## (.+), (\d{4}-\d\d-\d\dT[\d:.]+Z)$/m).slice(1);
  return Array.from({ length: Math.floor(parts.length / 3) }, (_, index): Remark => {
    const [by = '', at = '', said = ''] = parts.slice(index * 3);
    return { kind: 'comment', by, isMaintainer: true, at, text: said.trim() };
  });
}

export async function writeComment(pull: LocalPull, by: string, text: string): Promise<void> {
  const at = new Date().toISOString();
  await writeFile(commentsOf(pull), `## ${by}, ${at}\n\n${text.trim()}\n\n`, { flag: 'a' });
}

function commentsOf(pull: LocalPull): string {
  return pull.url.replace(/\.md$/, '.comments.md');
}
