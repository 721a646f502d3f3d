import { describe, expect, it } from 'vitest';
import { Inventory } from '../../src/mesh/inventory.ts';
import { defaultSettings } from '../../src/mesh/settings.ts';
import type { NamespaceSpec } from '../../src/model/fleet.ts';
import type { NamespaceName } from '../../src/model/named.ts';
import { knowledgeOf } from '../../src/traffic/knowledge.ts';
import { service, spec } from '../fakes/spec.ts';
import { resourcesOf } from '../mesh/manifests.ts';
import { app, meshed, namespace, verdictIn } from './world.ts';
import { istio } from '../mesh/manifests.ts';

const cluster = new Inventory(
  resourcesOf(namespace('shop') + app('shop/web') + app('shop/cart'), 'shop.yaml'),
  defaultSettings,
);

/** `callers web` of each that is unknown. */
const unknownIn = (declared: Partial<NamespaceSpec>, inventory: Inventory | undefined = cluster) =>
  knowledgeOf(spec(declared), inventory, 'fleet.yaml')
    .filter(({ knowledge }) => knowledge.is === 'unknown')
    .map(({ kind, name }) => `${kind} ${name}`);

const caller = {
  namespace: 'front' as NamespaceName,
  serviceAccount: 'front',
  service: 'front',
  ports: [],
  stage: undefined,
};
const traffic = {
  source: 'prometheus' as const,
  from: '2026-11-01T00:00:00Z',
  until: '2026-11-15T00:00:00Z',
};

describe('what is known of a namespace', () => {
  it('nothing, of Services and workloads that the fleet does not mention', () => {
    expect(unknownIn({})).toEqual(['callers web', 'callers cart', 'callees web', 'callees cart']);
  });

  it('a Service by a declared caller or host, a workload by a declared call', () => {
    const services = [
      service({ name: 'web', hosts: ['shop.example.com'], hasCalls: true }),
      service({ name: 'cart', callers: [caller] }),
    ];

    expect(unknownIn({ services })).toEqual(['callees cart']);
  });

  it('the callers alone, where policies in dry-run counted: they see nothing of what is called', () => {
    const observed = { ...traffic, source: 'envoy' as const, received: 7, sent: 0 };

    expect(
      unknownIn({ services: [service({ name: 'web', observed }), service({ name: 'cart', observed })] }),
    ).toEqual(['callees web', 'callees cart']);
  });

  it.each([
    ['received', { ...traffic, received: 12, sent: 0 }, []],
    // Whoever only sends shows that its sidecar is there, and nothing of its callers.
    ['sent', { ...traffic, received: 0, sent: 3 }, ['callers web']],
  ])('by traffic that it %s', (_, observed, expected) => {
    const services = [
      service({ name: 'web', observed }),
      service({ name: 'cart', callers: [caller], hasCalls: true }),
    ];

    expect(unknownIn({ services })).toEqual(expected);
  });

  it('by the statement of a person, of one service or of all', () => {
    const complete = { callers: 'the team says so', calls: 'the team says so' };

    expect(unknownIn({ complete })).toEqual([]);
    expect(unknownIn({ services: [service({ name: 'web', complete })] })).toEqual([
      'callers cart',
      'callees cart',
    ]);
  });

  it('a declared worker without ports has no callers, and its calls are those of the workload with its name', () => {
    const worker = app('shop/worker')
      .split('---')
      .filter((text) => !text.includes('kind: Service'))
      .join('---');
    const inventory = new Inventory(resourcesOf(namespace('shop') + worker, 'shop.yaml'), defaultSettings);
    const services = [service({ name: 'worker', ports: [], hasCalls: true })];

    expect(unknownIn({ services }, inventory)).toEqual([]);
    expect(unknownIn({ services: [service({ name: 'worker', ports: [] })] }, inventory)).toEqual([
      'callees worker',
    ]);
  });

  it('says what would resolve it', () => {
    const [first] = knowledgeOf(spec({}), cluster, 'fleet.yaml');

    expect(first?.knowledge).toMatchObject({
      is: 'unknown',
      settle: expect.stringContaining('complete: {callers:') as string,
    });
  });
});

describe('a caller of whom only the namespace is known', () => {
  const apps = namespace('pay', meshed) + app('pay/ledger');
  const allow = (principal: string) =>
    istio(
      'AuthorizationPolicy',
      'pay/allow',
      `{rules: [{from: [{source: {principals: ["${principal}"]}}]}]}`,
    );
  const call = 'legacy/cron -> pay/ledger:8080';

  it.each([
    ['cluster.local/ns/shop/sa/web', 'breaks', '403 RBAC'],
    ['cluster.local/ns/shop/*', 'breaks', '403 RBAC'],
    ['cluster.local/ns/legacy/sa/cron', 'undetermined', undefined],
    // Without a sidecar it has no identity at all.
    ['cluster.local/ns/legacy/*', 'undetermined', undefined],
  ])('under an ALLOW for %s: %s, sidecar or not', (principal, verdict, symptom) => {
    expect(verdictIn(apps + allow(principal), call)).toMatchObject(
      symptom === undefined ? { verdict } : { verdict, symptom, resource: 'AuthorizationPolicy pay/allow' },
    );
  });
});
