import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createLocalForge } from '../../src/adapters/local-forge.ts';
import type { RepoPath, RepositoryId } from '../../src/model/named.ts';
import { git } from './harness/world.ts';

const repository = 'acme/shop' as RepositoryId;
const branch = 'meshwright/shop-lab-joined';
let folder = '';
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A repository with a branch, and a pull request that was opened on 14 November 2026. */
function seeded(): { readonly bare: string; readonly checkout: string; readonly pull: string } {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-local-'));
  const bare = join(folder, 'acme/shop.git');
  const checkout = join(folder, 'checkout');
  git(folder, 'init', '--quiet', '--bare', '--template=', '--initial-branch=main', bare);
  git(folder, 'init', '--quiet', '--template=', '--initial-branch=main', checkout);
  const commit = (name: string) => {
    writeFileSync(join(checkout, name), name);
    git(checkout, 'add', '--all');
    git(checkout, 'commit', '--quiet', '--message', name);
  };
  commit('app.yaml');
  git(checkout, 'push', '--quiet', bare, 'main');
  git(checkout, 'checkout', '--quiet', '-b', branch);
  commit('mesh.yaml');
  git(checkout, 'push', '--quiet', bare, branch);
  const pull = join(folder, 'acme/shop.pulls/1.md');
  git(folder, 'init', '--quiet', '--template=', join(folder, 'acme/shop.pulls'));
  const head = git(checkout, 'rev-parse', branch).trim();
  writeFileSync(
    pull,
    `# Join shop\n\nstate: open\nbranch: ${branch}\nbase: main\nhead: ${head}\ncreated: 2026-11-14T10:00:00.000Z\nmerged: \ndraft: false\nlabels: \nreviewers: \n\n---\n\ntext\n`,
  );
  return { bare, checkout, pull };
}

async function mergedAt(): Promise<string | undefined> {
  const forge = createLocalForge({ directory: folder, cacheDirectory: join(folder, 'cache') });
  const question = { repository, file: '.meshwright/shop@lab.lock.yaml' as RepoPath, branches: [branch] };
  const [answer] = await forge.survey([question], undefined);
  return answer?.ok === true ? answer.value.branches.get(branch)?.pullRequests[0]?.mergedAt : 'no answer';
}

it('counts a fast-forward from when it was pushed, not from when its commits were made', async () => {
  const { bare, checkout, pull } = seeded();
  expect(await mergedAt()).toBeUndefined();
  git(checkout, 'push', '--quiet', bare, `${branch}:main`);
  const pushed = new Date('2026-11-24T10:00:00Z');
  utimesSync(join(bare, 'refs/heads/main'), pushed, pushed);

  expect(await mergedAt()).toBe('2026-11-24T10:00:00.000Z');
  // Later pushes change nothing of it.
  utimesSync(join(bare, 'refs/heads/main'), new Date(), new Date());
  expect(await mergedAt()).toBe('2026-11-24T10:00:00.000Z');
  expect(readFileSync(pull, 'utf8')).toContain('state: merged\n');
});

it('has no merge from before the pull request was there, whatever its commit says', async () => {
  const { bare, checkout, pull } = seeded();
  const created = '2090-01-01T00:00:00.000Z';
  writeFileSync(pull, readFileSync(pull, 'utf8').replace(/^created: .*$/m, `created: ${created}`));
  git(checkout, 'checkout', '--quiet', 'main');
  git(checkout, 'merge', '--quiet', '--no-ff', '--message', 'Merge', branch);
  git(checkout, 'push', '--quiet', bare, 'main');

  expect(await mergedAt()).toBe(created);
});

it('takes no text that is not a date for the time of a merge', async () => {
  const { pull } = seeded();
  const text = readFileSync(pull, 'utf8');
  writeFileSync(
    pull,
    text.replace('state: open', 'state: merged').replace('merged: \n', 'merged: long ago\n'),
  );
  const touched = new Date('2026-11-20T10:00:00Z');
  utimesSync(pull, touched, touched);

  expect(await mergedAt()).toBe('2026-11-20T10:00:00.000Z');
});
