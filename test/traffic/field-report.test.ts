import { expect, it } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import { Checkouts } from '../../src/flows/checkouts.ts';
import { placesOf, readPlace } from '../../src/flows/read-place.ts';
import { Inventory } from '../../src/mesh/inventory.ts';
import { withMeshWideStrict } from '../../src/mesh/mesh-wide-strict.ts';
import { describeCall, stateNames } from '../../src/model/traffic.ts';
import { declaredCalls } from '../../src/traffic/declared.ts';
import { simulate } from '../../src/traffic/simulate.ts';
import { statesOf } from '../../src/traffic/states.ts';
import { MeshWorld } from '../commands/mesh-world.ts';
import { FakeForge } from '../fakes/forge.ts';
import { istio, resourcesOf } from '../mesh/manifests.ts';
import { meshed, namespace } from './world.ts';

// The field report's bundle (FIELD-REPORT 2 and 3), taken literally, on Google's Online Boutique.
const ingress = 'cluster.local/ns/istio-system/sa/istio-ingressgateway';
const services = ['frontend', 'checkoutservice', 'cartservice', 'productcatalogservice', 'redis-cart'];
const bundle = [
  namespace('online-boutique', meshed),
  istio(
    'Sidecar',
    'online-boutique/default',
    '{egress: [{hosts: ["istio-system/*", "kube-system/*", "./*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}',
  ),
  istio('AuthorizationPolicy', 'online-boutique/deny-all', '{}'),
  istio(
    'AuthorizationPolicy',
    'online-boutique/allow-ingress-gateway',
    `{rules: [{from: [{source: {principals: ["${ingress}"]}}]}]}`,
  ),
  istio(
    'AuthorizationPolicy',
    'online-boutique/allow-health-checks',
    '{rules: [{to: [{operation: {paths: [/healthz, /readyz, /livez, /health, /ready]}}]}]}',
  ),
  istio(
    'VirtualService',
    'online-boutique/frontend',
    '{hosts: [shop.lab.acme.example], gateways: [istio-system/istio-shared-gateway], http: [{match: [{uri: {prefix: /}}], route: [{destination: {host: frontend, port: {number: 80}}}]}]}',
  ),
  ...services.map((name) =>
    istio(
      'DestinationRule',
      `online-boutique/${name}`,
      `{host: ${name}, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}`,
    ),
  ),
].join('');
const cluster = [
  istio(
    'Gateway',
    'istio-system/istio-shared-gateway',
    '{selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: SIMPLE, credentialName: c}, hosts: ["*"]}]}',
  ),
  istio('PeerAuthentication', 'istio-system/default', '{mtls: {mode: PERMISSIVE}}'),
  istio(
    'DestinationRule',
    'istio-system/default',
    '{host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}',
  ),
].join('');

/** A table with a line for each call, a column for each state. */
async function table(): Promise<readonly string[]> {
  const world = new MeshWorld();
  const loaded = loadFleet(world.fleet, 'fleet.yaml');
  if (!loaded.ok) throw new Error(loaded.problems[0]?.message);
  const fleet = loaded.value;
  const [place] = placesOf(fleet, new Set(['lab']));
  if (place === undefined) throw new Error('the example has no lab');
  const read = await readPlace(
    place,
    fleet,
    new Checkouts(new FakeForge(world.repositories), undefined),
    false,
  );
  if (!read.ok) throw new Error(read.problems[0]?.message);
  const before = read.value;
  const replaced = new Set(['Namespace online-boutique', 'VirtualService online-boutique/frontend']);
  const kept = before.resources.filter(
    ({ kind, namespace: own, name }) => !replaced.has(`${kind} ${own === '' ? '' : `${own}/`}${name}`),
  );
  const merged = [...kept, ...resourcesOf(bundle + cluster, 'bundle.yaml')];
  const states = statesOf({
    before: new Inventory([...before.resources, ...resourcesOf(cluster, 'cluster.yaml')], before.settings),
    after: new Inventory(merged, before.settings),
    strict: new Inventory(withMeshWideStrict(merged, 'istio-system'), before.settings),
  });
  const calls = declaredCalls(place.specs, 'fleet.yaml').filter(
    (call) => call.to.kind === 'service' && describeCall(call).includes('online-boutique'),
  );
  return simulate(calls, states).map(({ call, states: verdicts }) => {
    const words = stateNames.flatMap((name) => {
      const verdict = verdicts[name];
      if (verdict === undefined) return [];
      return verdict.verdict === 'undetermined' ? '?' : (verdict.symptom ?? 'works');
    });
    return `${describeCall(call).replaceAll('online-boutique/', '')}: ${words.join(' | ')}`;
  });
}

it("the field report's bundle, as the report says, on Online Boutique: which call breaks in which state", async () => {
  expect(await table()).toMatchInlineSnapshot(`
    [
      "loadgenerator -> frontend:80: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "gateway (shop.lab.acme.example) -> frontend:80: ? | 503 UF | 503 UF | works | works",
      "frontend -> checkoutservice:5050: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "frontend -> recommendationservice:8080: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "frontend -> cartservice:7070: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "checkoutservice -> cartservice:7070: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "checkoutservice -> paymentservice:50051: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "frontend -> productcatalogservice:3550: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "checkoutservice -> productcatalogservice:3550: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "recommendationservice -> productcatalogservice:3550: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "frontend -> currencyservice:7000: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "checkoutservice -> currencyservice:7000: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "frontend -> shippingservice:50051: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "checkoutservice -> shippingservice:50051: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "checkoutservice -> emailservice:5000: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "frontend -> adservice:9555: works | works | 403 RBAC | 403 RBAC | 403 RBAC",
      "cartservice -> redis-cart:6379: works | works | reset | reset | reset",
      "paymentservice -> payments/ledger:9000: works | works | 502 BlackHole | 502 BlackHole | 502 BlackHole",
    ]
  `);
});

it("Meshwright's plan for the same fleet breaks no call at any state", async () => {
  const { code, json } = await new MeshWorld().run('simulate', [], { environment: 'lab' });
  const { summary, calls } = json as {
    summary: { calls: number; work: number; break: number; undetermined: number };
    calls: { from: string; states: Record<string, { verdict: string; reason: string }> }[];
  };

  expect(code).toBe(0);
  expect(summary).toEqual({ calls: 25, work: 22, break: 0, undetermined: 3 });
  // Before the shared gateway is there, nobody knows how the hosts are reached.
  const unknown = calls.flatMap(({ from, states }) =>
    Object.entries(states).flatMap(([state, { verdict }]) =>
      verdict === 'works' ? [] : [`${from} ${state}`],
    ),
  );
  expect([...new Set(unknown)]).toEqual(['gateway before']);
});
