import { keyOf } from '../../../model/key-of.ts';
import { stringAt, listAt, stringsAt } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { gatewayKey } from '../../../k8s/gateway-name.ts';
import { expandHost } from '../../../k8s/host.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import {
  mayPass,
  restrictingPolicies,
  type Direction,
  type PolicyPeer,
} from '../../../mesh/network-policy.ts';
import { containerPort, type Workload } from '../../../mesh/workload.ts';
import { servicesOf } from '../../../mesh/served-port.ts';
import { rule, type Finding } from '../../rule.ts';

export default rule({
  id: 'network-policy-blocks-mesh',
  severity: 'warning',
  kinds: ['NetworkPolicy'],
  summary: 'NetworkPolicies that block sidecars from istiod, DNS or the gateway',
  why: 'A sidecar gets its certificate and configuration from istiod on port 15012 and does not become ready without them: the pod stays at 1/2. A default-deny policy from before the mesh does not allow this. An ingress policy from that time does not allow the gateway’s namespace either, and routes return a 503. The policies of a pod are additive, so the rule evaluates them together; anything that depends on IP addresses or pod labels counts as allowed.',
  fix: 'Allow egress to istiod’s namespace on TCP 15012 and to DNS on 53, and ingress from the gateway’s namespace to the application’s ports.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio',
    'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  ],
  *check(inventory) {
    const found = new Map<
      string,
      {
        readonly resource: Resource;
        readonly direction: Direction;
        readonly blocked: string;
        readonly pods: string[];
      }
    >();
    for (const workload of inventory.workloads) {
      if (inventory.inNamespace('NetworkPolicy', workload.namespace).length === 0) continue;
      if (inventory.injectionOf(workload).isInjected !== true) continue;
      for (const direction of ['Egress', 'Ingress'] as const) {
        const policies = restrictingPolicies(workload, direction, inventory);
        const [resource] = policies;
        if (resource === undefined) continue;
        const needs = direction === 'Egress' ? outward(inventory) : inward(workload, inventory);
        const blocked = needs
          .filter(({ peers }) => !peers.some((peer) => mayPass(policies, direction, peer, inventory)))
          .map(({ text }) => text)
          .join(' or ');
        if (blocked === '') continue;
        const key = keyOf(resource.namespace, resource.name, direction, blocked);
        const known = found.get(key);
        if (known === undefined) found.set(key, { resource, direction, blocked, pods: [workload.name] });
        else known.pods.push(workload.name);
      }
    }
    for (const { resource, direction, blocked, pods } of found.values())
      yield findingFor(resource, direction, blocked, pods);
  },
});

function findingFor(
  resource: Resource,
  direction: Direction,
  blocked: string,
  pods: readonly string[],
): Finding {
  const [first = '', ...others] = pods;
  const who =
    others.length === 0
      ? first
      : `${first} and ${String(others.length)} more ${others.length === 1 ? 'workload' : 'workloads'}`;
  const index = stringsAt(resource.spec, 'policyTypes').indexOf(direction);
  return {
    resource,
    path: index < 0 ? ['metadata', 'name'] : ['spec', 'policyTypes', index],
    message:
      direction === 'Egress'
        ? `The NetworkPolicies for ${who} block the sidecar from reaching ${blocked}.`
        : `The NetworkPolicies for ${who} block traffic from ${blocked}.`,
  };
}

interface Need {
  readonly text: string;
  /** One of them is enough. */
  readonly peers: readonly PolicyPeer[];
}

function outward({ settings }: Inventory): readonly Need[] {
  const control = [...new Set([settings.rootNamespace, 'istio-system'])];
  return [
    {
      text: 'istiod on port 15012',
      peers: control.map((namespace) => ({ namespace, port: 15012, transport: 'TCP' })),
    },
    {
      text: 'DNS on port 53',
      peers: (['UDP', 'TCP'] as const).flatMap((transport) =>
        ['kube-system', 'openshift-dns'].map((namespace) => ({ namespace, port: 53, transport })),
      ),
    },
  ];
}

/** The shared gateway, for workloads that it routes to. */
function inward(workload: Workload, inventory: Inventory): readonly Need[] {
  const routed = inventory.once(routedByGateways);
  const services = servicesOf(workload, inventory).filter(({ host }) => routed.has(host));
  return services.flatMap(({ host, ports }) =>
    [...(routed.get(host) ?? [])].flatMap((namespace) => {
      const peers = ports.flatMap(({ targetPort, transport }): readonly PolicyPeer[] => {
        const port = containerPort(workload, targetPort);
        return port === undefined || transport !== 'TCP' ? [] : [{ namespace, port, transport }];
      });
      return peers.length === 0 ? [] : [{ text: `the gateway in ${namespace}`, peers }];
    }),
  );
}

/** Hosts that VirtualServices of a gateway route to, with the namespaces of the gateway's pods, where these are known. */
function routedByGateways(inventory: Inventory): ReadonlyMap<string, ReadonlySet<string>> {
  const { gateways = [], clusterDomain } = inventory.settings;
  const byName = new Map(gateways.map(({ gateway, podNamespace }) => [gateway, podNamespace]));
  const found = new Map<string, Set<string>>();
  for (const { spec, namespace } of inventory.of('VirtualService')) {
    const from = stringsAt(spec, 'gateways')
      .map((each) => byName.get(gatewayKey(each, namespace)))
      .filter((each) => each !== undefined);
    if (from.length === 0) continue;
    for (const kind of ['http', 'tls', 'tcp'])
      for (const route of listAt(spec, kind))
        for (const destination of listAt(route, 'route')) {
          const host = stringAt(destination, 'destination', 'host');
          if (host === undefined) continue;
          const full = expandHost(host, namespace, clusterDomain);
          found.set(full, new Set([...(found.get(full) ?? []), ...from]));
        }
  }
  return found;
}
