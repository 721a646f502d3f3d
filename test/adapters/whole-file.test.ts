import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withFileLock } from '../../src/adapters/file-lock.ts';
import { withLock } from '../../src/adapters/git-lock.ts';
import { addPull, changePull, readPull, readPulls } from '../../src/adapters/local-pulls.ts';
import { createFile, replaceFile } from '../../src/adapters/whole-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-files-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const many = Array.from({ length: 20 }, (_, index) => `${String(index)}\n`.repeat(5000));

describe('a file', () => {
  it('is made by one of many, whole, and nothing else stays', async () => {
    const file = join(folder, 'a');

    const made = await Promise.all(many.map((text) => createFile(file, text, 'process')));

    expect(made.filter((isMade) => isMade)).toHaveLength(1);
    expect(readFileSync(file, 'utf8')).toBe(many[made.indexOf(true)]);
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('that is replaced is whole at every moment, and keeps who may read it', async () => {
    const file = join(folder, 'a');
    writeFileSync(file, many[0] ?? '', { mode: 0o600 });

    const writing = Promise.all(many.map((text) => replaceFile(file, text)));
    const seen = await Promise.all(many.map(() => Promise.resolve().then(() => readFileSync(file, 'utf8'))));
    await writing;

    for (const text of [...seen, readFileSync(file, 'utf8')]) expect(many).toContain(text);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe('a lock', () => {
  it('lets one in at a time, and takes over what a dead process left', async () => {
    const file = join(folder, 'lock');
    // No system gives a process such a number.
    writeFileSync(file, '999999999 someone');
    let inside = 0;

    await Promise.all(
      many.map(() =>
        withLock(file, async () => {
          expect(++inside).toBe(1);
          await Promise.resolve();
          inside--;
        }),
      ),
    );

    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a lock that a killed process left', () => {
  it('is taken over by one alone, also when its taker was killed as well', async () => {
    const file = join(folder, 'lock');
    const dead = '999999999 someone';
    const right = `${file}-${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`;
    writeFileSync(file, dead);
    writeFileSync(right, '999999998 taker');
    let inside = 0;
    const order: number[] = [];

    await Promise.all(
      many.map((_, index) =>
        withFileLock(file, async () => {
          expect(++inside).toBe(1);
          order.push(index);
          await new Promise((done) => setImmediate(done));
          inside--;
        }),
      ),
    );

    expect(order).toHaveLength(many.length);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not mistaken for that of a process that has its number by now', async () => {
    const file = join(folder, 'lock');
    // This machine's first process is there always, and began at another time.
    writeFileSync(file, `${existsSync('/proc/1/stat') ? '1' : '999999999'} someone 1234567890123`);

    await expect(withFileLock(file, () => Promise.resolve('in'))).resolves.toBe('in');
  });
});

describe('pull requests of the local forge', () => {
  const pull = {
    title: 'x',
    body: 'y',
    branch: 'a',
    base: 'main',
    head: 'b',
    state: 'open',
    draft: false,
    created: '2026-11-24T10:00:00Z',
    merged: undefined,
    labels: [],
    reviewers: [],
  } as const;

  it('that are opened at the same time have numbers of their own', async () => {
    const made = await Promise.all(
      many.map((title) => addPull(folder, { ...pull, branch: title.slice(0, 2) })),
    );

    expect(made.map(({ number }) => number).sort((one, other) => one - other)).toEqual(
      many.map((_, index) => index + 1),
    );
    expect(await readPulls(folder)).toHaveLength(20);
  });

  it('that many change at the same time lose nothing of it', async () => {
    await addPull(folder, pull);

    await Promise.all(
      many.map((_, index) =>
        changePull(folder, 1, ({ labels }) => Promise.resolve({ labels: [...labels, `l${String(index)}`] })),
      ),
    );

    expect((await readPull(folder, 1)).labels).toHaveLength(20);
  });
});
