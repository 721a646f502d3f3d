import { serversOf, takesAnyName } from '../../../mesh/gateway-servers.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { albBefore, openServersBehindAlb } from '../../../mesh/load-balancer.ts';
import { boundToGateway } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'virtual-service-hidden-from-alb',
  severity: 'error',
  kinds: ['VirtualService', 'Gateway', 'Ingress'],
  summary: 'a VirtualService on a Gateway that the load balancer does not reach, because another one has `*`',
  why: 'An Application Load Balancer sends no SNI, so all its requests go to the Gateway with the host `*` and reach only VirtualServices bound to that Gateway. The others return a 404 through the load balancer, but work with curl, which sends the SNI.',
  fix: 'Bind the VirtualService to the Gateway with `*`; to both until all clients have moved.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/ops/common-problems/network-issues/'],
  *check(inventory) {
    for (const gateway of inventory.of('Gateway')) {
      const own = `${gateway.namespace}/${gateway.name}`;
      for (const server of serversOf(gateway)) {
        if (!server.isTls || takesAnyName(server) || server.hasUnfilledHosts) continue;
        const reached = openOn(server.port, inventory);
        if (reached === undefined || albBefore(gateway, server, inventory) === undefined) continue;
        for (const { resource, gateways } of boundToGateway(own, inventory)) {
          const ref = gateways.find(({ key }) => key === own);
          if (ref === undefined || gateways.some(({ key }) => reached.keys.has(key))) continue;
          const there = [...reached.keys].slice(0, 3).join(', ');
          yield {
            resource,
            path: ref.path,
            message: `Requests from ${reached.front} go to the Gateway ${there}, to which this VirtualService is not bound: they get a 404.`,
          };
        }
      }
    }
  },
});

interface Reached {
  readonly front: string;
  readonly keys: Set<string>;
}

/** The Gateways that get what a load balancer sends to a port. */
function openOn(port: number | undefined, inventory: Inventory): Reached | undefined {
  const known = inventory.once(reachedByPort);
  return known.get(port);
}

function reachedByPort(inventory: Inventory) {
  const found = new Map<number | undefined, Reached>();
  for (const { gateway, server, front } of openServersBehindAlb(inventory)) {
    const reached = found.get(server.port) ?? { front, keys: new Set() };
    reached.keys.add(`${gateway.namespace}/${gateway.name}`);
    found.set(server.port, reached);
  }
  return found;
}
