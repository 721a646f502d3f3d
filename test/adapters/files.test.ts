import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
