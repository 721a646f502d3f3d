import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitRepository } from '../../src/adapters/git-repository.ts';
import { createLocalForge } from '../../src/adapters/local-forge.ts';
import type { Forge, RepositoryState } from '../../src/model/ports.ts';
import { bareRepository, commitTo, git } from './harness/bare-repository.ts';
import { draft, repository } from './harness/visit.ts';

let folder: string;
let bare: string;
let forge: Forge;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-fresh-'));
  bare = bareRepository(folder, { 'deploy/app.yaml': 'kind: Deployment\n' });
  forge = createLocalForge({ directory: join(folder, 'forge'), cacheDirectory: join(folder, 'cache') });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function stateOf(branch: string | undefined): Promise<RepositoryState> {
  const state = await forge.state(repository, undefined, branch);
  if (!state.ok) throw new Error(JSON.stringify(state.problems));
  return state.value;
}

const open = (state: RepositoryState) => forge.upsert(draft, state, { parent: state.base, isExact: true });

/** Someone commits to a branch on the forge. */
function push(branch: string, files: Readonly<Record<string, string>>): string {
  const checkout = join(folder, 'checkout');
  commitTo(checkout, files);
  git(checkout, 'push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${branch}`);
  return git(checkout, 'rev-parse', 'HEAD').trim();
}

describe('within one run', () => {
  it('what is only read is of one moment, whatever others push meanwhile', async () => {
    const before = await stateOf(undefined);
    push('main', { 'deploy/new.yaml': 'kind: Service\n' });

    const after = await stateOf(undefined);

    expect(after.base.revision).toBe(before.base.revision);
    expect((await after.base.read([...after.base.snapshot.paths])).ok).toBe(true);
  });

  it('a base branch that moved before it was fetched is where it was fetched from then on', async () => {
    const clone = await GitRepository.open(`file://${bare}`, join(folder, 'other'), undefined, {
      isFiltered: false,
    });
    const before = await clone.refs(undefined, undefined, undefined);
    const newer = push('main', { 'deploy/new.yaml': 'kind: Service\n' });

    const tree = await clone.fetchBase('main', before.base ?? '');

    expect(tree.revision).toBe(newer);
    expect((await clone.refs(undefined, undefined, undefined)).base).toBe(newer);
  });

  it('a branch that someone else made in the meantime is not written over, and is seen from then on', async () => {
    const state = await stateOf(draft.branch);
    const theirs = push(draft.branch, { 'deploy/theirs.yaml': 'kind: Service\n' });

    const refused = await open(state);
    const again = await stateOf(draft.branch);

    expect(refused.problems.map(({ rule }) => rule)).toEqual(['forge-branch-moved']);
    expect(git(bare, 'rev-parse', draft.branch).trim()).toBe(theirs);
    expect(again.branch?.tree.revision).toBe(theirs);
    expect(again.branch?.diff?.changes.map(({ path }) => path)).toEqual(['deploy/theirs.yaml']);
  });

  it('a branch that someone else moved since it was pushed is not written over', async () => {
    const opened = await open(await stateOf(draft.branch));
    const known = await stateOf(draft.branch);
    const theirs = push(draft.branch, { 'deploy/theirs.yaml': 'kind: Service\n' });
    const changes = [{ path: draft.changes[0]?.path ?? ('' as never), before: undefined, after: 'other\n' }];

    const refused = await forge.upsert({ ...draft, changes }, known, { parent: known.base, isExact: true });

    expect(opened.ok).toBe(true);
    expect(refused.problems.map(({ rule }) => rule)).toEqual(['forge-branch-moved']);
    expect(git(bare, 'rev-parse', draft.branch).trim()).toBe(theirs);
  });

  it('what the run itself wrote is there when it looks again', async () => {
    await open(await stateOf(draft.branch));

    const { branch } = await stateOf(draft.branch);

    expect(branch?.tree.revision).toBe(git(bare, 'rev-parse', draft.branch).trim());
    expect(branch?.diff?.changes).toEqual([
      { path: 'deploy/sidecar.yaml', modeBefore: undefined, modeAfter: '100644' },
    ]);
    expect(branch?.pullRequest?.number).toBe(1);
  });
});
