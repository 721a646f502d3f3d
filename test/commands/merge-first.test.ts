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
    'Merge first: cluster/lab-eu-1. Until Istio is installed there, Flux fails the whole Kustomization of this namespace: no matches for kind "Sidecar".',
    'Merge first: cluster/lab-eu-2. Until Istio is installed there, Flux fails the whole Kustomization of this namespace: no matches for kind "Sidecar".',
  ]);
  expect(world.opened[0]?.body).toContain('Merge first: cluster/lab-eu-1. Until Istio is installed there');

  await world.openAndMerge('cluster/lab-eu-1');
  expect(await first()).toEqual([expect.stringMatching(/^Merge first: cluster\/lab-eu-2\./)]);
  await world.openAndMerge('cluster/lab-eu-2');
  expect(await first()).toEqual([]);
});
