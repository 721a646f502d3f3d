import type { Resource } from '../../../model/resource.ts';
import { admits, serversOf, type GatewayServer } from '../../../mesh/gateway-servers.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import {
  virtualServicesOf,
  type GatewayRef,
  type VirtualServiceView,
} from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'virtual-service-host-not-in-gateway',
  severity: 'warning',
  kinds: ['VirtualService', 'Gateway'],
  summary: 'a VirtualService host that its Gateways do not serve, or not for its namespace',
  why: 'A Gateway accepts from a VirtualService only hosts that its own hosts cover; a prefix such as `shop/` there excludes other namespaces. For all other hosts it returns a 404 (NR). istioctl is satisfied if any host matches; this rule requires a Gateway for each host, and a host for each Gateway.',
  fix: "Add the host to the Gateway's hosts, or correct it.",
  equivalent: ['IST0132'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0132/',
    'https://istio.io/latest/docs/reference/config/networking/gateway/#Server',
  ],
  *check(inventory) {
    for (const view of virtualServicesOf(inventory)) {
      const { resource, hosts, isOnMesh } = view;
      const bound = boundGateways(view, inventory);
      if (bound === undefined || bound.length === 0 || hosts.length === 0) continue;
      const fits = (gateway: Bound, host: string) =>
        gateway.servers.some((server) => server.hasUnfilledHosts || admits(server, host, resource.namespace));
      const useless = bound.filter((gateway) => !hosts.some(({ host }) => fits(gateway, host)));
      for (const { ref } of useless)
        yield {
          resource,
          path: ref.path,
          message: `The Gateway ${ref.key} does not serve ${hosts.length > 1 ? 'any of these hosts' : `"${hosts[0]?.text ?? ''}"`} for ${resource.namespace}.`,
        };
      // With `mesh` in the list, some hosts are for sidecars only.
      if (useless.length === bound.length || isOnMesh) continue;
      for (const { host, text, path } of hosts)
        if (!bound.some((gateway) => fits(gateway, host)))
          yield {
            resource,
            path,
            message: `None of the Gateways listed here serves the host "${text}" for ${resource.namespace}.`,
          };
    }
  },
});

interface Bound {
  readonly ref: GatewayRef;
  readonly servers: readonly GatewayServer[];
}

/** @returns undefined if a Gateway was not read */
function boundGateways(
  { gateways, resource }: VirtualServiceView,
  inventory: Inventory,
): readonly Bound[] | undefined {
  const bound: Bound[] = [];
  for (const ref of gateways) {
    if (ref.isMesh) continue;
    const gateway: Resource | undefined = inventory.find('Gateway', ref.namespace, ref.name);
    if (gateway?.hasNamespace !== resource.hasNamespace) return undefined;
    bound.push({ ref, servers: serversOf(gateway) });
  }
  return bound;
}
