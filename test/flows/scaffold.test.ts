import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import type { NamespaceEntry } from '../../src/fleet/schema.ts';
import { askNamespace } from '../../src/flows/scaffold.ts';
import { scripted, type Answer } from '../commands/scripted-terminal.ts';
import { bare, checkout, shop, World } from '../commands/world.ts';

const nothingKnown = { namespace: undefined, repository: undefined, path: undefined };

/** Asks about the namespace of a checkout with these files. */
async function ask(files: Readonly<Record<string, string>>, script: readonly Answer[], fleet = bare) {
  const loaded = loadFleet(fleet, 'fleet.yaml');
  const tree = await new World(checkout(files)).files.tree('checkout');
  if (!loaded.ok || !tree.ok) throw new Error('the test has no fleet or no checkout');
  const terminal = scripted(script);
  const entry = await askNamespace(terminal, loaded.value, tree.value, nothingKnown);
  if (!entry.ok) throw new Error(JSON.stringify(entry.problems));
  return { entry: entry.value, terminal };
}

const usual: readonly Answer[] = [
  ['Which directory', 'deploy/{environment}'],
  ['Namespace', undefined],
  ['Repository', 'acme/shop'],
  ['Which stage', 'joined'],
  ['Services to declare', undefined],
];
const outside: Answer = ['Hosts outside', []];

/** The shop with more manifests in its one file. */
const withMore = (more: string) => ({
  ...shop,
  'deploy/lab/app.yaml': `${shop['deploy/lab/app.yaml'] ?? ''}---\n${more}`,
});

const service = (entry: NamespaceEntry, name = 'cart') => entry.services?.find((each) => each.name === name);

describe('the questions about a namespace', () => {
  it('propose the directory with the environment as a placeholder, and the name the manifests have', async () => {
    const { entry } = await ask(shop, [...usual, outside]);

    expect(entry).toMatchObject({ name: 'shop', path: 'deploy/{environment}', stage: { lab: 'joined' } });
  });

  it('offer a base last', async () => {
    const files = { 'a/base/kustomization.yaml': 'resources: []\n', ...shop };

    const { entry } = await ask(files, [['Which directory', undefined], ...usual.slice(1), outside]);

    expect(entry.path).toBe('deploy/{environment}');
  });

  it('refuse a name that Kubernetes would refuse, and a repository that is none, until they are right', async () => {
    const { entry, terminal } = await ask(shop, [
      ['Which directory', undefined],
      ['Namespace', ['Shop', '-shop', 'x'.repeat(64), 'shop']],
      ['Repository', ['shop', 'https://github.com/acme/shop', 'acme/shop']],
      ...usual.slice(3),
      outside,
    ]);

    expect([entry.name, entry.repository]).toEqual(['shop', 'acme/shop']);
    expect(terminal.refusals).toHaveLength(5);
  });

  it.each(['../elsewhere', '/etc', 'a/../../b', 'a/.git/hooks'])(
    'refuse the directory %s, which leads out',
    async (path) => {
      const { entry, terminal } = await ask({ 'README.md': '' }, [
        ['Directory', [path, 'deploy']],
        ['Namespace', 'shop'],
        ['Repository', 'acme/shop'],
        ['Which stage', 'joined'],
        ['Services', undefined],
        outside,
        ['Where is the Namespace', 'nowhere yet: create it'],
      ]);

      expect([entry.path, terminal.refusals.length]).toEqual(['deploy', 1]);
    },
  );

  it('take port, protocol and account of a service from its manifests', async () => {
    const grpc = shop['deploy/lab/app.yaml']?.replace(
      '{name: http, port: 7070}',
      '{name: grpc-api, port: 7070}',
    );
    const { entry } = await ask({ ...shop, 'deploy/lab/app.yaml': grpc ?? '' }, [...usual, outside]);

    expect(service(entry)).toEqual({
      name: 'cart',
      serviceAccount: 'cart',
      ports: [{ number: 7070, protocol: 'grpc' }],
    });
  });

  it('take the hosts of a VirtualService, with the environment as a placeholder', async () => {
    const route = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart}
spec:
  hosts: [cart, cart.shop.svc.cluster.local, shop.lab.acme.example]
  gateways: [edge/old]
  http: [{route: [{destination: {host: cart}}]}]
`;
    const { entry } = await ask(withMore(route), [...usual, outside]);

    expect(service(entry)?.hosts).toEqual(['shop.{environment}.acme.example']);
  });

  it('take the cookie of a sticky session from a DestinationRule', async () => {
    const rule = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart}
spec:
  host: cart
  trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: SESSION, ttl: 3600s}}}}
`;
    const { entry } = await ask(withMore(rule), [...usual, outside]);

    expect(service(entry)?.stickySession).toEqual({ cookie: 'SESSION', ttl: '3600s' });
  });

  const caller = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: web, env: [{name: CART_SERVICE_ADDR, value: "cart:7070"}]}]
`;

  it('propose the calls that environment variables hint at, for a person to confirm', async () => {
    const kept = await ask(withMore(caller), [
      ...usual,
      ['What does cart call', undefined],
      ['What does web call', undefined],
      outside,
    ]);
    const refused = await ask(withMore(caller), [
      ...usual,
      ['What does cart call', undefined],
      ['What does web call', []],
      outside,
    ]);

    expect(service(kept.entry, 'web')?.calls).toEqual(['cart:7070']);
    expect(service(refused.entry, 'web')?.calls).toBeUndefined();
  });

  it('propose the calls to other namespaces that environment variables hint at', async () => {
    const payments = `${bare.replace('namespaces: []', 'namespaces:')}  - name: payments
    repository: acme/payments
    path: deploy/{environment}
    services: [{name: ledger, ports: [9000]}]
`;
    const { entry } = await ask(shop, [...usual, ['What does cart call', undefined], outside], payments);

    expect(service(entry)?.calls).toEqual(['payments/ledger:9000']);
  });

  it('propose no call to a service that a person left out', async () => {
    const { entry } = await ask(withMore(caller), [
      ...usual.slice(0, 4),
      ['Services to declare', ['web']],
      outside,
    ]);

    expect(entry.services).toEqual([{ name: 'web', ports: [80] }]);
  });

  it('declare only the services a person kept', async () => {
    const { entry } = await ask(withMore(caller), [
      ...usual.slice(0, 4),
      ['Services to declare', ['cart']],
      outside,
    ]);

    expect(entry.services?.map(({ name }) => name)).toEqual(['cart']);
  });

  it('propose as outside hosts only names that are not in the cluster', async () => {
    const { entry } = await ask(shop, [...usual, ['Hosts outside', undefined]]);

    expect(entry.external).toEqual([{ host: 'api.mail.example' }]);
  });

  it('ask where the Namespace manifest is only when the directory has none', async () => {
    const without = shop['deploy/lab/app.yaml']?.replace(/^[^]*?---\n/, '') ?? '';
    const { entry } = await ask({ ...shop, 'deploy/lab/app.yaml': without }, [
      ...usual,
      outside,
      ['Where is the Namespace manifest', 'in another directory or repository'],
      ['Its repository', 'acme/platform'],
      ['Its path', ['../x', 'namespaces/{namespace}.yaml']],
    ]);

    expect(entry.namespaceManifest).toEqual({
      repository: 'acme/platform',
      path: 'namespaces/{namespace}.yaml',
    });
  });
});
