import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import { Checkouts } from '../../src/flows/checkouts.ts';
import { clusterScopes } from '../../src/flows/cluster-scope.ts';
import { readInventory } from '../../src/flows/read-inventory.ts';
import { FakeForge } from '../fakes/forge.ts';

const fleetText = `version: 1
mesh: {istioVersion: 1.30.3, revision: stable, gateway: {serviceAccount: istio-ingressgateway}}
forge: {kind: local, directory: .forge}
environments:
  - name: lab
    domain: lab.example.com
    clusters: [{name: lab-1, repository: acme/fleet, path: clusters/lab-1}]
namespaces:
  - name: shop
    repository: acme/shop
    path: deploy
    services: [{name: web, ports: [80]}]
`;
const source = (name: string, repo: string) =>
  `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {url: "https://github.com/${repo}.git", ref: {branch: main}}\n`;
const kustomization = (name: string, path: string, from: string, more = '') =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec:\n  path: ${path}\n  sourceRef: {kind: GitRepository, name: ${from}}\n${more}`;
const service = (name: string) =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\nspec: {ports: [{port: 80}]}\n`;
const fleet = (apps: string) => ({
  'clusters/lab-1/flux-system/gotk-sync.yaml': `${source('flux-system', 'acme/fleet')}---\n${kustomization('flux-system', './clusters/lab-1', 'flux-system')}`,
  'clusters/lab-1/apps.yaml': apps,
});

/** The Services of the one cluster, and the rules of what is said. */
async function read(repositories: ConstructorParameters<typeof FakeForge>[0]) {
  const loaded = loadFleet(fleetText, 'fleet.yaml');
  if (!loaded.ok) throw new Error(loaded.problems[0]?.message);
  const [place] = clusterScopes(loaded.value, new Set(['lab']));
  if (place === undefined) throw new Error('no cluster');
  const checkouts = new Checkouts(new FakeForge(repositories), loaded.value);
  const inventory = await readInventory(place, loaded.value, checkouts, false);
  if (!inventory.ok) throw new Error(inventory.problems[0]?.message);
  return {
    services: inventory.value.resources
      .filter(({ kind }) => kind === 'Service')
      .map(({ namespace, name }) => `${namespace}/${name}`)
      .sort(),
    rules: inventory.problems.map(({ rule }) => rule),
  };
}

describe('a cluster whose entry the fleet names', () => {
  it('is read whole: other namespaces and repositories too, in their final names', async () => {
    const apps = [
      source('shop', 'acme/shop'),
      kustomization('shop', 'deploy', 'shop'),
      source('pay', 'acme/pay'),
      kustomization('pay', './', 'pay', '  targetNamespace: pay-lab\n  namePrefix: x-\n'),
      kustomization(
        'more',
        'more',
        'flux-system',
        '  targetNamespace: shop\n  postBuild: {substitute: {n: cart}}\n',
      ),
    ].join('---\n');

    expect(
      await read({
        'acme/fleet': { ...fleet(apps), 'more/cart.yaml': service('${n}') },
        'acme/shop': {
          'deploy/kustomization.yaml': 'namespace: shop\nresources: [web.yaml]\n',
          'deploy/web.yaml': service('web'),
        },
        'acme/pay': { 'ledger.yaml': service('ledger') },
      }),
    ).toEqual({ services: ['pay-lab/x-ledger', 'shop/cart', 'shop/web'], rules: [] });
  });

  it('keeps what the fleet declares where Git does not show that Flux builds it, and says so', async () => {
    const shop = {
      'deploy/kustomization.yaml': 'namespace: shop\nresources: [web.yaml]\n',
      'deploy/web.yaml': service('web'),
    };

    expect(await read({ 'acme/fleet': fleet(source('pay', 'acme/pay')), 'acme/shop': shop })).toEqual({
      services: ['shop/web'],
      rules: ['flux-path-not-built'],
    });
  });

  it('goes on without a repository that cannot be read, and says what is not known', async () => {
    const apps = `${source('pay', 'acme/gone')}---\n${kustomization('pay', 'x', 'pay')}---\n${source('shop', 'acme/shop')}---\n${kustomization('shop', 'deploy', 'shop')}`;
    const found = await read({
      'acme/fleet': fleet(apps),
      'acme/shop': {
        'deploy/kustomization.yaml': 'namespace: shop\nresources: [web.yaml]\n',
        'deploy/web.yaml': service('web'),
      },
    });

    expect(found).toEqual({ services: ['shop/web'], rules: ['flux-build-unknown'] });
  });
});
