import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitTrees, TreeMemory } from '../../src/adapters/git-trees.ts';
import { GitRunner } from '../../src/adapters/git-run.ts';
import { ObjectReader } from '../../src/adapters/object-reader.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { parseRepoPath } from '../../src/model/repo-path.ts';
import { runs } from '../sampling.ts';
import { git } from './harness/bare-repository.ts';

let bare: string;
let objects: ObjectReader;

beforeAll(() => {
  bare = mkdtempSync(join(tmpdir(), 'meshwright-trees-'));
  git(bare, 'init', '--quiet', '--bare');
  objects = new ObjectReader(new GitRunner(bare, 'own'));
});
afterAll(() => {
  objects.close();
  rmSync(bare, { recursive: true, force: true });
});

const trees = (most?: number) => new GitTrees('file:///shop.git', new TreeMemory(), most);
const store = (type: 'blob' | 'tree', content: Buffer) =>
  execFileSync('git', ['hash-object', '-t', type, '-w', '--literally', '--stdin'], {
    cwd: bare,
    input: content,
    encoding: 'utf8',
  }).trim();

interface Entry {
  readonly mode: string;
  readonly name: string;
  readonly id: string;
}
const entry = (mode: string, name: string, id: string): Entry => ({ mode, name, id });
/** A tree of exactly these entries, whether git would ever make such a one or not. */
const rawTree = (...entries: readonly Entry[]) =>
  store(
    'tree',
    Buffer.concat(
      entries.flatMap(({ mode, name, id }) => [
        Buffer.from(`${mode} ${name}\0`, 'latin1'),
        Buffer.from(id, 'hex'),
      ]),
    ),
  );

/** A tree as git makes it of files with their modes. */
function treeOf(files: ReadonlyMap<string, readonly [mode: string, content: string]>): string {
  const lines = [...files].map(([path, [mode, content]]) => {
    const id = mode === '160000' ? '1'.repeat(40) : store('blob', Buffer.from(content));
    return `${mode} ${id}\t${path}\0`;
  });
  const environment = { ...process.env, GIT_INDEX_FILE: join(bare, 'index') };
  rmSync(join(bare, 'index'), { force: true });
  const run = (args: readonly string[], input: string) =>
    execFileSync('git', args, { cwd: bare, env: environment, input, encoding: 'utf8' }).trim();
  run(['update-index', '-z', '--index-info'], lines.join(''));
  return run(['write-tree'], '');
}

const name = fc.constantFrom('a', 'a.b', 'a-b', 'ab', 'ä', 'two words', 'A');
const files = fc
  .array(
    fc.tuple(
      fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
      fc.constantFrom('100644', '100755', '120000', '160000'),
      fc.constantFrom('one\n', 'two\n', 'three\n'),
    ),
    { maxLength: 8 },
  )
  .map((all) => {
    const found = new Map<string, readonly [string, string]>();
    for (const [path, mode, content] of all) {
      const clashes = [...found.keys()].some(
        (other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`),
      );
      if (!clashes) found.set(path, [mode, content]);
    }
    return found;
  });

const listed = (tree: string) =>
  git(bare, 'ls-tree', '-r', '-z', '--full-tree', tree)
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => /^(\d+) \w+ ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? []);

function differences(before: string, after: string) {
  const parts = git(bare, 'diff-tree', '-r', '-z', '--raw', '--no-renames', before, after).split('\0');
  const changes = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const [, one = '', other = ''] = /^:(\d{6}) (\d{6}) /.exec(parts[at] ?? '') ?? [];
    const modeOf = (mode: string) => (mode === '000000' ? undefined : mode);
    changes.push({ path: parts[at + 1] ?? '', modeBefore: modeOf(one), modeAfter: modeOf(other) });
  }
  return changes;
}

describe('trees are read as git reads them:', () => {
  it('files, links, modes and differences of any two', async () => {
    await fc.assert(
      fc.asyncProperty(files, files, async (one, other) => {
        const [before, after] = [treeOf(one), treeOf(other)];
        const reader = trees();

        const listing = await reader.list(after, objects);
        const changes = await reader.diff(before, after, objects);

        const expected = listed(after);
        const of = (isFile: boolean) => expected.filter(([, mode]) => mode?.startsWith('100') === isFile);
        expect([...listing.paths]).toEqual(of(true).map(([, , , path]) => path));
        expect([...listing.links]).toEqual(of(false).map(([, , , path]) => path));
        expect([...listing.blobs.values()]).toEqual(of(true).map(([, , id]) => id));
        for (const [, mode, , path] of expected)
          expect(await reader.modeAt(after, path as RepoPath, objects)).toBe(mode);
        const sorted = (all: readonly object[]) => all.map((each) => JSON.stringify(each)).sort();
        expect(sorted(changes)).toEqual(sorted(differences(before, after)));
      }),
      { numRuns: runs(200, 12) },
    );
  });

  it('a tree that is there twice is read once, and what two commits share too', async () => {
    const many = (last: string) =>
      new Map(
        ['x', 'y', 'z'].map((path): [string, readonly [string, string]] => [
          `${path}/app.yaml`,
          ['100644', path === 'z' ? last : path],
        ]),
      );
    const [before, after] = [treeOf(many('old')), treeOf(many('new'))];
    const asked: string[] = [];
    const reader = trees();
    const counting = {
      read: (ids: readonly string[]) => {
        asked.push(...ids);
        return objects.read(ids);
      },
    };

    await reader.list(before, counting);
    await reader.list(after, counting);
    await reader.list(after, counting);
    await reader.diff(before, after, counting);

    // Two roots, two of z, and one of x and y each.
    expect(asked).toHaveLength(6);
  });
});

describe('a tree that git would not make', () => {
  it('names nothing outside of the repository and nothing of git', async () => {
    const file = store('blob', Buffer.from('evil\n'));
    const below = rawTree(entry('100644', 'x', file));
    const tree = rawTree(
      entry('40000', '.', below),
      entry('40000', '..', below),
      entry('100644', '../escape', file),
      entry('40000', '.GIT', below),
      entry('100644', '/absolute', file),
      entry('100644', 'C:evil', file),
      entry('100644', 'back\\slash', file),
      entry('100644', 'good.yaml', file),
    );

    const { paths, links } = await trees().list(tree, objects);

    expect([...paths, ...links]).toEqual(
      ['./x', 'good.yaml'].map((path) => parseRepoPath(path)).filter((path) => path !== undefined),
    );
  });

  it('with a name twice differs from one that has it once, whichever of the two is the same', async () => {
    const [good, evil] = [store('blob', Buffer.from('good\n')), store('blob', Buffer.from('evil\n'))];
    const once = rawTree(entry('100644', 'a', good));

    for (const twice of [
      rawTree(entry('100644', 'a', good), entry('100644', 'a', evil)),
      rawTree(entry('100644', 'a', evil), entry('100644', 'a', good)),
    ]) {
      const changes = await trees().diff(once, twice, objects);

      expect(changes.map(({ path }) => path)).toEqual(['a', 'a', 'a']);
      expect(await trees().diff(twice, twice, objects)).toEqual([]);
    }
  });

  it('tells two names apart that are the same text when they are no text', async () => {
    const file = store('blob', Buffer.from('x\n'));
    const [one, other] = ['\xff', '\xfe'].map((odd) => rawTree(entry('100644', odd, file)));

    const changes = await trees().diff(one ?? '', other ?? '', objects);

    expect(changes).toHaveLength(2);
  });

  it('with odd modes is read as git reads it', async () => {
    const file = store('blob', Buffer.from('x\n'));
    const odd = rawTree(
      entry('100664', 'a', file),
      entry('100777', 'b', file),
      entry('120777', 'c', file),
      entry('0100644', 'd', file),
      entry('777', 'e', file),
    );

    for (const path of ['a', 'b', 'c', 'd', 'e'])
      expect(await trees().modeAt(odd, path as RepoPath, objects)).toBe(
        listed(odd).find(([, , , each]) => each === path)?.[1],
      );
  });

  it('of a few objects that stands for a terabyte of paths is refused', async () => {
    let tree = rawTree(entry('100644', 'x', store('blob', Buffer.from('x\n'))));
    const plain = tree;
    for (let depth = 0; depth < 40; depth++)
      tree = rawTree(...['a', 'b', 'c', 'd'].map((each) => entry('40000', each, tree)));

    await expect(trees(1_000_000).list(tree, objects)).rejects.toThrow('too many to read');
    await expect(trees(1_000_000).diff(plain, tree, objects)).rejects.toThrow('too many to read');
  });

  it('that is deeper than git allows is refused', async () => {
    let tree = rawTree();
    const levels: string[] = [];
    // Made in one process: each level needs the id of the one below.
    for (let depth = 0; depth < 20; depth++) levels.push((tree = rawTree(entry('40000', 'd', tree))));

    await expect(
      new GitTrees('', new TreeMemory(), undefined, 10).list(levels.at(-1) ?? '', objects),
    ).rejects.toThrow('deep');
    expect((await trees().list(levels.at(-1) ?? '', objects)).paths.size).toBe(0);
  });

  it('whose bytes end in the middle of an entry is refused', async () => {
    const tree = store('tree', Buffer.from('100644 a\0short'));

    await expect(trees().list(tree, objects)).rejects.toThrow('is not a tree');
  });
});
