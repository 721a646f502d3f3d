import { expect, it } from 'vitest';
import { MeshWorld } from './mesh-world.ts';

it('says which clusters come first, in the pull request and to whoever opens it, until they are merged', async () => {
  const world = new MeshWorld();
  const first = async () => {
    const { code, problems } = await world.run('open', ['bookinfo@lab']);
    expect(code).toBe(0);
    return problems.filter(({ rule }) => rule === 'cluster-not-merged').map(({ message }) => message);
  };

  expect(await first()).toEqual([
    'bookinfo@lab: merge cluster/lab-eu-1 first. Until Istio is installed there, Flux fails the whole Kustomization of this namespace: no matches for kind "Sidecar".',
    'bookinfo@lab: merge cluster/lab-eu-2 first. Until Istio is installed there, Flux fails the whole Kustomization of this namespace: no matches for kind "Sidecar".',
  ]);
  expect(world.opened[0]?.body).toContain('merge cluster/lab-eu-1 first. Until Istio is installed there');

  await world.openAndMerge('cluster/lab-eu-1');
  expect(await first()).toEqual([expect.stringMatching(/^bookinfo@lab: merge cluster\/lab-eu-2 first\./)]);
  await world.openAndMerge('cluster/lab-eu-2');
  expect(await first()).toEqual([]);
});
