import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kustomizeBuild } from './harness/kustomize.ts';
import { git, World } from './harness/world.ts';

const platform = 'acme/platform';
const parts = [
  'clusters/lab-eu-1/flux-system',
  ...['controllers', 'istiod', 'gateway', 'ingress'].map((part) => `infrastructure/mesh/base/${part}`),
  'infrastructure/mesh/lab-eu-1/config',
];
let world: World;

beforeEach(async () => {
  world = new World();
  await world.start();
});

afterEach(async () => {
  const { violations } = world.github;
  await world.stop();
  expect(violations).toEqual([]);
});

/** Merges every open pull request, as people would. */
function mergeAll(): void {
  for (const pull of world.github.pulls.filter(({ state }) => state === 'open')) {
    const checkout = world.checkoutOf(pull.repository);
    git(checkout, 'fetch', '--quiet', 'origin');
    git(checkout, 'checkout', '--quiet', '-B', 'merging', 'origin/main');
    git(checkout, 'merge', '--quiet', '--no-edit', `origin/${pull.branch}`);
    git(checkout, 'push', '--quiet', 'origin', 'merging:main', `:refs/heads/${pull.branch}`);
    Object.assign(pull, { state: 'closed', mergedAt: '2026-01-01T00:00:00Z' });
  }
}

function treeOf(repository: string): string {
  return git(world.bareOf(repository), 'ls-tree', '-r', 'main', '--', 'clusters', 'infrastructure', 'deploy');
}

it('installs a mesh, refuses plain text once all are enforced, and goes back, byte for byte', async () => {
  const run = (...args: string[]) => world.meshwright(args);
  expect(await run('open', 'cluster/lab-eu-1')).toMatchObject({ code: 0 });
  expect(world.github.pulls.map(({ title, branch }) => [title, branch])).toEqual([
    ['Install Istio on cluster lab-eu-1', 'meshwright/cluster/lab-eu-1.permissive'],
  ]);
  mergeAll();
  git(world.checkoutOf(platform), 'checkout', '--quiet', '-B', 'look', 'origin/main');
  git(world.checkoutOf(platform), 'pull', '--quiet', 'origin', 'main');
  for (const part of parts)
    expect([part, kustomizeBuild(join(world.checkoutOf(platform), part)).size]).not.toEqual([part, 0]);
  expect((await run('open', 'cluster/lab-eu-1')).stdout).toContain('unchanged');

  expect(await run('open', '*@lab')).toMatchObject({ code: 0 });
  mergeAll();
  const joined = ['acme/bookinfo', 'acme/payments', platform].map(treeOf);
  const closed = await run('strict', 'lab-eu-1');
  expect(closed.code).toBe(1);
  expect(closed.stdout).toContain('the gate is closed');
  expect(world.github.pulls.filter(({ state }) => state === 'open')).toEqual([]);

  world.editFleet('{lab: joined}', '{lab: enforced}');
  world.editFleet('{lab: joined}', '{lab: enforced}');
  world.editFleet('stage: joined', 'stage: enforced');
  expect(await run('open', '*@lab')).toMatchObject({ code: 0 });
  mergeAll();
  const strict = await run('strict', 'lab-eu-1');
  expect([strict.code, strict.stderr]).toEqual([0, '']);
  expect(world.github.pulls.at(-1)?.title).toBe('Refuse plaintext on cluster lab-eu-1');
  expect(readFileSync(world.fleet, 'utf8')).toContain('mode: strict');
  mergeAll();

  const back = await run('rollback', 'cluster/lab-eu-1', '--level', '1');
  expect([back.code, back.stderr]).toEqual([0, '']);
  expect(back.stdout).toContain('flux suspend kustomization');
  mergeAll();
  expect(['acme/bookinfo', 'acme/payments', platform].map(treeOf)).toEqual(joined);
  const again = await run('rollback', 'cluster/lab-eu-1', '--level', '1');
  expect(again.stdout).not.toContain('opened');
});
