import { describe, expect, it } from 'vitest';
import { changesOf } from '../bundle/plan.ts';
import { app as files } from '../bundle/app.ts';
import { spec } from '../fakes/spec.ts';
import { istio } from '../mesh/manifests.ts';
import { app, meshed, namespace, verdictIn } from './world.ts';

const external = [
  { host: '169.254.170.23', ports: [{ number: 80, protocol: 'http' as const }], addresses: [] },
  { host: 'api.stripe.com', ports: [{ number: 443, protocol: 'https' as const }], addresses: [] },
  { host: '*.amazonaws.com', ports: [{ number: 443, protocol: 'https' as const }], addresses: [] },
];

const pods =
  namespace('shop', meshed) +
  app('shop/catalog') +
  istio(
    'Sidecar',
    'shop/default',
    '{outboundTrafficPolicy: {mode: REGISTRY_ONLY}, egress: [{hosts: ["./*"]}]}',
  );

describe('a host that the fleet declares gets through under REGISTRY_ONLY', () => {
  const entries =
    changesOf(spec({ stage: 'enforced', services: [], external }), files())['istio-serviceentry.yaml'] ?? '';

  it.each([
    ['an address', 'shop/catalog -> 169.254.170.23:80'],
    ['a name', 'shop/catalog -> api.stripe.com:443'],
    ['a name below a wildcard', 'shop/catalog -> sts.eu-west-1.amazonaws.com:443'],
  ])('%s', (_, call) => {
    expect(verdictIn(pods, call).verdict).toBe('breaks');
    expect(verdictIn(`${pods}---\n${entries}`, call)).toMatchObject({ verdict: 'works' });
  });

  it('an address is passed on as it is', () => {
    expect(entries).toContain('  addresses:\n    - "169.254.170.23"\n');
    expect(entries).toMatch(/169-254-170-23\.address\.invalid[\s\S]*?protocol: TCP\n {2}resolution: NONE/);
  });

  it('an address whose entry looks up a name is not known to work', () => {
    const looked = istio(
      'ServiceEntry',
      'shop/x',
      '{hosts: [made.up.name], addresses: [169.254.170.23], ports: [{number: 80, name: tcp, protocol: TCP}], resolution: DNS}',
    );

    expect(verdictIn(pods + looked, 'shop/catalog -> 169.254.170.23:80')).toMatchObject({
      verdict: 'undetermined',
      resource: 'ServiceEntry shop/x',
    });
  });
});
