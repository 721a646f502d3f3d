import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownCommits, parseCommit } from '../../src/adapters/branch-history.ts';
import { GitRunner } from '../../src/adapters/git-run.ts';
import { ObjectReader } from '../../src/adapters/object-reader.ts';
import { runs } from '../sampling.ts';
import { git } from './harness/bare-repository.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-history-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Commits 1, 2, 3…, each on those of the earlier ones that are named. */
function repositoryOf(parents: readonly (readonly number[])[]): { bare: string; ids: readonly string[] } {
  const bare = join(mkdtempSync(join(folder, 'repository-')), 'shop.git');
  git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', bare);
  const stream = parents.map(
    (on, index) => `commit refs/heads/c${String(index)}
mark :${String(index + 1)}
committer A <a@acme.example> ${String(1_700_000_000 + index)} +0000
data 2
x
${on.map((each, at) => `${at === 0 ? 'from' : 'merge'} :${String(each + 1)}\n`).join('')}
`,
  );
  const marks = join(folder, 'marks');
  execFileSync('git', ['fast-import', '--quiet', `--export-marks=${marks}`], {
    cwd: bare,
    input: stream.join(''),
  });
  const ids = new Map(
    readFileSync(marks, 'utf8')
      .trim()
      .split('\n')
      .map((line) => [Number(line.slice(1).split(' ')[0]) - 1, line.split(' ')[1] ?? '']),
  );
  return { bare, ids: parents.map((_, index) => ids.get(index) ?? '') };
}

async function own(folderOfClone: string, tip: string, base: string): Promise<readonly string[]> {
  const objects = new ObjectReader(new GitRunner(folderOfClone, 'own'));
  const shallow = (() => {
    try {
      return readFileSync(join(folderOfClone, 'shallow'), 'utf8').split('\n');
    } catch {
      return [];
    }
  })();
  const found = await ownCommits(tip, base, new Set(shallow), async (ids) =>
    (await objects.read(ids)).map((object) => parseCommit(object?.bytes.toString('utf8') ?? '')),
  );
  objects.close();
  return [...(found?.keys() ?? [])].sort();
}

const listed = (bare: string, tip: string, base: string) =>
  git(bare, 'rev-list', tip, '--not', base)
    .split('\n')
    .filter((line) => line !== '')
    .sort();

const graph = fc
  .array(fc.array(fc.nat(), { maxLength: 2 }), { minLength: 2, maxLength: 9 })
  .map((all) => all.map((on, index) => [...new Set(index === 0 ? [] : on.map((each) => each % index))]));

describe('the commits that a branch has and its base has not', () => {
  it('are those that git lists, whatever the merges, in a whole repository and in a clone without its past', async () => {
    await fc.assert(
      fc.asyncProperty(graph, fc.nat(), fc.nat(), async (parents, one, other) => {
        const { bare, ids } = repositoryOf(parents);
        const [tip, base] = [one % ids.length, other % ids.length];
        const [tipId, baseId] = [ids[tip] ?? '', ids[base] ?? ''];

        expect(await own(bare, tipId, baseId)).toEqual(listed(bare, tipId, baseId));

        const clone = join(bare, '../clone.git');
        git(folder, 'init', '--quiet', '--bare', clone);
        const fetch = (...args: readonly string[]) => git(clone, 'fetch', '--quiet', ...args);
        fetch('--depth=1', `file://${bare}`, `+refs/heads/c${String(base)}:refs/heads/base`);
        try {
          fetch(
            `--shallow-exclude=c${String(base)}`,
            '--update-shallow',
            `file://${bare}`,
            `+refs/heads/c${String(tip)}:refs/heads/tip`,
          );
        } catch {
          // Nothing of it is missing in the base.
          return;
        }
        expect(await own(clone, tipId, baseId)).toEqual(listed(clone, tipId, baseId));
      }),
      { numRuns: runs(150, 8) },
    );
  });

  it('are too many when there are more than five hundred', async () => {
    const { bare, ids } = repositoryOf(
      Array.from({ length: 503 }, (_, index) => (index === 0 ? [] : [index - 1])),
    );

    expect(await own(bare, ids[501] ?? '', ids[0] ?? '')).toEqual([]);
    expect(await own(bare, ids[500] ?? '', ids[0] ?? '')).toHaveLength(500);
  });
});
