import { serversOf, speaksTls, takesAnyName } from '../../mesh/gateway-servers.ts';
import { albBefore, openServersBehindAlb } from '../../mesh/load-balancer.ts';
import { boundToGateway } from '../../mesh/virtual-services.ts';
import { rule } from '../rule.ts';

export default rule({
  id: 'virtual-service-hidden-from-alb',
  severity: 'error',
  kinds: ['VirtualService', 'Gateway', 'Ingress'],
  summary:
    'a VirtualService on a Gateway with certain hosts only, while the load balancer gets to another with `*`',
  why: 'An Application Load Balancer sends no SNI, so all of its requests go to the Gateway whose hosts are `*`, and only to VirtualServices that are bound to that one. The rest answer 404 through the load balancer, and work with curl, which sends the name.',
  fix: 'Bind the VirtualService to the Gateway with `*`; to both until clients have moved.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/ops/common-problems/network-issues/'],
  *check(inventory) {
    const open = openServersBehindAlb(inventory);
    for (const gateway of inventory.of('Gateway')) {
      const own = `${gateway.namespace}/${gateway.name}`;
      for (const server of serversOf(gateway)) {
        if (!speaksTls(server) || takesAnyName(server) || server.hasUnfilledHosts) continue;
        const reached = open.filter((each) => each.server.port === server.port);
        const [first] = reached;
        if (first === undefined || albBefore(gateway, server, inventory) === undefined) continue;
        const keys = new Set(reached.map((each) => `${each.gateway.namespace}/${each.gateway.name}`));
        for (const { resource, gateways } of boundToGateway(own, inventory)) {
          const ref = gateways.find(({ key }) => key === own);
          if (ref === undefined || gateways.some(({ key }) => keys.has(key))) continue;
          const there = [...keys].join(', ');
          yield {
            resource,
            path: ref.path,
            message: `Requests from ${first.front} go to the Gateway ${there}, and this VirtualService is not bound to it: they get 404.`,
          };
        }
      }
    }
  },
});
