import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Remark } from '../model/survey.ts';
import { makeFolder } from './folders.ts';
import { withLock } from './git-lock.ts';
import type { PullRequest } from './pull-requests.ts';
import { createFile, replaceFile } from './whole-file.ts';

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
  return Promise.all((await numbersIn(folder)).map((number) => readPull(folder, number)));
}

async function numbersIn(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder).catch(() => []);
  const numbers = names.flatMap((name) => (/^\d+\.md$/.test(name) ? [Number.parseInt(name, 10)] : []));
  return numbers.sort((one, other) => other - one);
}

function fileOf(folder: string, number: number): string {
  return join(folder, `${String(number)}.md`);
}

export async function readPull(folder: string, number: number): Promise<LocalPull> {
  const file = fileOf(folder, number);
  return parse(await readFile(file, 'utf8'), number, file, (await stat(file)).mtime.toISOString());
}

/** Writes a new pull request under the next number; whoever is second to a number takes the one after it. */
export async function addPull(folder: string, pull: Omit<LocalPull, 'number' | 'url'>): Promise<LocalPull> {
  await makeFolder(folder);
  const [newest = 0] = await numbersIn(folder);
  for (let number = newest + 1; ; number++) {
    const whole = { ...pull, number, url: fileOf(folder, number) };
    if (await createFile(whole.url, printPull(whole), 'machine')) return whole;
  }
}

/** Changes a pull request as it is now, while nobody else does.
 *  @param change  undefined: it stays as it is */
export function changePull(
  folder: string,
  number: number,
  change: (pull: LocalPull) => Promise<Partial<LocalPull> | undefined>,
): Promise<boolean> {
  return withLock(`${fileOf(folder, number)}.lock`, async () => {
    const pull = await readPull(folder, number);
    const changes = await change(pull);
    if (changes === undefined) return false;
    await replaceFile(pull.url, printPull({ ...pull, ...changes }));
    return true;
  });
}

/** Fields as lines, then the body. */
function printPull(pull: LocalPull): string {
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
    created: dateOr(field('created'), touched),
    merged: state === 'merged' ? dateOr(field('merged'), touched) : undefined,
    draft: field('draft') === 'true',
    labels: listOf('labels'),
    reviewers: listOf('reviewers'),
  };
}

/** What people wrote into a field may be no date; the time since must not pass for that. */
function dateOr(text: string, touched: string): string {
  return Number.isNaN(Date.parse(text)) ? touched : text;
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
  await withLock(`${commentsOf(pull)}.lock`, async () => {
    const at = new Date().toISOString();
    const present = await readFile(commentsOf(pull), 'utf8').catch(() => '');
    await replaceFile(commentsOf(pull), `${present}## ${by}, ${at}\n\n${text.trim()}\n\n`);
  });
}

function commentsOf(pull: LocalPull): string {
  return pull.url.replace(/\.md$/, '.comments.md');
}
