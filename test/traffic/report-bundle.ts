import { loadFleet } from '../../src/fleet/load.ts';
import { Checkouts } from '../../src/flows/checkouts.ts';
import { clusterScopes } from '../../src/flows/cluster-scope.ts';
import { readInventory } from '../../src/flows/read-inventory.ts';
import { Inventory } from '../../src/mesh/inventory.ts';
import { withMeshWideStrict } from '../../src/mesh/mesh-wide-strict.ts';
import { describeCall, type Call } from '../../src/model/traffic.ts';
import { declaredCalls } from '../../src/traffic/declared.ts';
import { statesOf, type State } from '../../src/traffic/states.ts';
import { MeshWorld } from '../commands/mesh-world.ts';
import { FakeForge } from '../fakes/forge.ts';
import { istio, resourcesOf } from '../mesh/manifests.ts';
import { meshed, namespace } from './world.ts';

/** An application that the field report's bundle is written for. */
interface Application {
  readonly namespace: string;
  readonly route: string;
  readonly host: string;
  readonly entry: string;
  readonly port: number;
  /** Those with a DestinationRule. */
  readonly services: readonly string[];
}

export const onlineBoutique: Application = {
  namespace: 'online-boutique',
  route: 'frontend',
  host: 'shop.lab.acme.example',
  entry: 'frontend',
  port: 80,
  services: ['frontend', 'checkoutservice', 'cartservice', 'productcatalogservice', 'redis-cart'],
};

export const bookinfo: Application = {
  namespace: 'bookinfo',
  route: 'bookinfo',
  host: 'bookinfo.lab.acme.example',
  entry: 'productpage',
  port: 9080,
  services: ['productpage', 'details', 'reviews', 'ratings'],
};

const ingress = 'cluster.local/ns/istio-system/sa/istio-ingressgateway';

/** The field report's bundle (FIELD-REPORT 2 and 3), taken literally. */
function bundleOf({ namespace: name, route, host, entry, port, services }: Application): string {
  return [
    namespace(name, meshed),
    istio(
      'Sidecar',
      `${name}/default`,
      '{egress: [{hosts: ["istio-system/*", "kube-system/*", "./*"]}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}',
    ),
    istio('AuthorizationPolicy', `${name}/deny-all`, '{}'),
    istio(
      'AuthorizationPolicy',
      `${name}/allow-ingress-gateway`,
      `{rules: [{from: [{source: {principals: ["${ingress}"]}}]}]}`,
    ),
    istio(
      'AuthorizationPolicy',
      `${name}/allow-health-checks`,
      '{rules: [{to: [{operation: {paths: [/healthz, /readyz, /livez, /health, /ready]}}]}]}',
    ),
    istio(
      'VirtualService',
      `${name}/${route}`,
      `{hosts: [${host}], gateways: [istio-system/istio-shared-gateway], http: [{match: [{uri: {prefix: /}}], route: [{destination: {host: ${entry}, port: {number: ${String(port)}}}}]}]}`,
    ),
    ...services.map((service) =>
      istio(
        'DestinationRule',
        `${name}/${service}`,
        `{host: ${service}, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}`,
      ),
    ),
  ].join('');
}

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

/** The example's lab with the field report's bundle on some applications, in every state, and the calls of those. */
export async function reportWorld(
  ...applications: readonly Application[]
): Promise<{ readonly states: readonly State[]; readonly calls: readonly Call[] }> {
  const world = new MeshWorld();
  const loaded = loadFleet(world.fleet, 'fleet.yaml');
  if (!loaded.ok) throw new Error(loaded.problems[0]?.message);
  const fleet = loaded.value;
  const [place] = clusterScopes(fleet, new Set(['lab']));
  if (place === undefined) throw new Error('the example has no lab');
  const forge = new FakeForge(world.repositories);
  const read = await readInventory(place, fleet, new Checkouts(forge, fleet), false);
  if (!read.ok) throw new Error(read.problems[0]?.message);
  const before = read.value;
  const bundle = resourcesOf(applications.map(bundleOf).join('') + cluster, 'bundle.yaml');
  const idOf = ({ kind, namespace: own, name }: (typeof bundle)[number]) => `${kind} ${own}/${name}`;
  const replaced = new Set(bundle.map(idOf));
  const merged = [...before.resources.filter((each) => !replaced.has(idOf(each))), ...bundle];
  const states = statesOf({
    before: new Inventory([...before.resources, ...resourcesOf(cluster, 'cluster.yaml')], before.settings),
    after: new Inventory(merged, before.settings),
    strict: new Inventory(withMeshWideStrict(merged, 'istio-system'), before.settings),
  });
  const calls = declaredCalls(place.specs, 'fleet.yaml').filter(
    (call) =>
      call.to.kind === 'service' && applications.some((each) => describeCall(call).includes(each.namespace)),
  );
  return { states, calls };
}
