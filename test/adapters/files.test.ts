import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFiles } from '../../src/adapters/files.ts';
import type { RepoPath } from '../../src/model/named.ts';
import type { Outcome } from '../../src/model/problem.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-files-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const rules = ({ problems }: Outcome<unknown>) => problems.map(({ rule }) => rule);
const change = (path: string, before: string | undefined, after: string | undefined) => ({
  path: path as RepoPath,
  before,
  after,
});

describe('a file that was read, changed and is to be written', () => {
  it.each([
    ['changed', 'old\n', 'theirs\n'],
    ['made', undefined, 'theirs\n'],
    ['removed', 'old\n', undefined],
  ])('stays as someone else %s it meanwhile', async (_, before, theirs) => {
    const files = createFiles(join(folder, 'locks'));
    const path = join(folder, 'fleet.yaml');
    if (theirs !== undefined) writeFileSync(path, theirs);

    const written = await files.writeText(path, 'ours\n', { before });

    expect(rules(written)).toEqual(['changed-meanwhile']);
    if (theirs !== undefined) expect(readFileSync(path, 'utf8')).toBe(theirs);
  });

  it('is written by each of many at once, when each begins again on what is there', async () => {
    const path = join(folder, 'fleet.yaml');
    writeFileSync(path, '');
    const add = async (line: string) => {
      const files = createFiles(join(folder, 'locks'));
      for (;;) {
        const before = readFileSync(path, 'utf8');
        const written = await files.writeText(path, `${before}${line}\n`, { before });
        if (written.ok) return;
      }
    };
    const lines = Array.from({ length: 20 }, (_, index) => `line ${String(index)}`);

    await Promise.all(lines.map(add));

    expect(readFileSync(path, 'utf8').trim().split('\n').sort()).toEqual([...lines].sort());
  });

  it('is written also where there can be no folder for locks', async () => {
    const path = join(folder, 'fleet.yaml');
    writeFileSync(join(folder, 'file'), '');
    const files = createFiles(join(folder, 'file', 'locks'));

    expect((await files.writeText(path, 'ours\n', { before: undefined })).ok).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('ours\n');
  });
});

describe.skipIf(process.platform === 'win32')('a folder for locks that others can change', () => {
  it('is not used, and nothing is written', async () => {
    const [path, locks] = [join(folder, 'fleet.yaml'), join(folder, 'open/locks')];
    writeFileSync(path, 'old\n');
    mkdirSync(join(folder, 'open'));
    chmodSync(join(folder, 'open'), 0o777);
    const files = createFiles(locks);

    const text = await files.writeText(path, 'ours\n', { before: 'old\n' });
    const bundle = await files.write(join(folder, 'checkout'), [change('a.yaml', undefined, 'a\n')]);

    expect([rules(text), rules(bundle)]).toEqual([['cache-not-private'], ['cache-not-private']]);
    expect(readFileSync(path, 'utf8')).toBe('old\n');
    expect(existsSync(join(folder, 'checkout/a.yaml'))).toBe(false);
    expect(existsSync(locks)).toBe(false);
  });
});

describe('a bundle that is written into a checkout', () => {
  it('is not written at all when someone changed one of its files since it was read', async () => {
    const files = createFiles(join(folder, 'locks'));
    const checkout = join(folder, 'checkout');
    await files.write(checkout, [change('a.yaml', undefined, 'a\n'), change('b.yaml', undefined, 'b\n')]);
    writeFileSync(join(checkout, 'b.yaml'), 'theirs\n');
    chmodSync(join(checkout, 'a.yaml'), 0o600);

    const written = await files.write(checkout, [
      change('a.yaml', 'a\n', 'a2\n'),
      change('b.yaml', 'b\n', 'b2\n'),
      change('c.yaml', undefined, 'c\n'),
    ]);

    expect(rules(written)).toEqual(['changed-meanwhile']);
    expect(readFileSync(join(checkout, 'a.yaml'), 'utf8')).toBe('a\n');
    expect(readFileSync(join(checkout, 'b.yaml'), 'utf8')).toBe('theirs\n');
  });

  it('is finished when an earlier run was stopped in the middle of it', async () => {
    const files = createFiles(join(folder, 'locks'));
    const checkout = join(folder, 'checkout');
    await files.write(checkout, [change('a.yaml', undefined, 'a\n'), change('b.yaml', undefined, 'b\n')]);
    writeFileSync(join(checkout, 'a.yaml'), 'a2\n');

    const changes = [change('a.yaml', 'a\n', 'a2\n'), change('b.yaml', 'b\n', 'b2\n')];

    expect((await files.write(checkout, changes)).ok).toBe(true);
    expect(readFileSync(join(checkout, 'b.yaml'), 'utf8')).toBe('b2\n');
  });
});

describe('a folder that is filled', () => {
  const part = (name: string, files: Readonly<Record<string, string>>) => ({
    folder: name as RepoPath,
    files: Object.entries(files).map(([path, text]) => ({ path: path as RepoPath, text })),
  });
  const parts = [
    part('shop@lab', { 'deploy/a.yaml': 'a\n', 'b.yaml': 'é\n' }),
    part('cluster/lab', { 'c.yaml': '' }),
  ];
  const textOf = (path: string) => readFileSync(join(folder, 'out', path), 'utf8');

  it('holds every part, and what was there beside them', async () => {
    const files = createFiles(join(folder, 'locks'));
    mkdirSync(join(folder, 'out/shop@lab'), { recursive: true });
    writeFileSync(join(folder, 'out/shop@lab/mine.txt'), 'mine');

    const filled = await files.fill(join(folder, 'out'), parts);

    expect(filled).toMatchObject({ ok: true, value: 3 });
    expect(['shop@lab/deploy/a.yaml', 'shop@lab/b.yaml', 'cluster/lab/c.yaml'].map(textOf)).toEqual([
      'a\n',
      'é\n',
      '',
    ]);
    expect(textOf('shop@lab/mine.txt')).toBe('mine');
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['cluster', 'shop@lab']);
  });

  it('tells which files are there with another text, before anything is written', async () => {
    const files = createFiles(join(folder, 'locks'));
    const none = await files.differing(join(folder, 'out'), parts);
    await files.fill(join(folder, 'out'), parts);
    writeFileSync(join(folder, 'out/shop@lab/b.yaml'), 'mine\n');

    const some = await files.differing(join(folder, 'out'), parts);

    expect([none, some]).toMatchObject([{ value: [] }, { value: ['shop@lab/b.yaml'] }]);
  });

  it('replaces a file that differs as a whole, and keeps its mode', async () => {
    const files = createFiles(join(folder, 'locks'));
    await files.fill(join(folder, 'out'), parts);
    const path = join(folder, 'out/shop@lab/b.yaml');
    writeFileSync(path, 'longer than before\n');
    chmodSync(path, 0o600);

    await files.fill(join(folder, 'out'), parts);

    expect([textOf('shop@lab/b.yaml'), statSync(path).mode & 0o777]).toEqual(['é\n', 0o600]);
  });

  it.each([
    ['a part', 'shop@lab'],
    ['a folder of it', 'shop@lab/deploy'],
    ['a file of it', 'shop@lab/b.yaml'],
    ['a folder above it', 'cluster'],
  ])('refuses when %s is a link, wherever it leads', async (_, place) => {
    const files = createFiles(join(folder, 'locks'));
    mkdirSync(dirname(join(folder, 'out', place)), { recursive: true });
    mkdirSync(join(folder, 'elsewhere'));
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'out', place));

    const looked = await files.differing(join(folder, 'out'), parts);

    expect(rules(looked)).toEqual(['files-outside']);
  });

  it.each(['../other', '/etc', 'a/../../b', '.git/hooks', ''])('refuses a part named "%s"', async (name) => {
    const files = createFiles(join(folder, 'locks'));

    const looked = await files.differing(join(folder, 'out'), [part(name, { 'a.yaml': 'a\n' })]);

    expect(rules(looked)).toEqual(['files-outside']);
  });

  it('is finished by running again when a run was ended in the middle, which leaves no file half-written', async () => {
    const files = createFiles(join(folder, 'locks'));
    const draft = join(folder, 'out/.meshwright-0123456789ab.tmp');
    mkdirSync(join(draft, 'deploy'), { recursive: true });
    writeFileSync(join(draft, 'deploy/a.yaml'), '');
    const ended = function* () {
      yield parts[0] ?? part('', {});
      throw new Error('ended');
    };
    await expect(files.fill(join(folder, 'out'), ended())).rejects.toThrow('ended');
    const between = await files.differing(join(folder, 'out'), parts);

    await files.fill(join(folder, 'out'), parts);

    expect(between).toMatchObject({ value: [] });
    expect(readdirSync(join(folder, 'out')).sort()).toEqual(['cluster', 'shop@lab']);
  });
});

it('a file that is too large is told by its size, not as something else', async () => {
  const path = join(folder, 'large.yaml');
  writeFileSync(path, '');
  truncateSync(path, 17 * 2 ** 20);

  const read = await createFiles(join(folder, 'locks')).readText(path);

  expect(read.problems).toMatchObject([
    { rule: 'files-too-large', message: `${path} has 17.0 MiB; at most 16 MiB are read.` },
  ]);
});
