import { serversOf, speaksTls, takesAnyName } from '../../../mesh/gateway-servers.ts';
import { albBefore, openServersBehindAlb } from '../../../mesh/load-balancer.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-hosts-behind-alb',
  severity: 'error',
  kinds: ['Gateway', 'Ingress'],
  summary: 'a Gateway with certain hosts behind an Application Load Balancer that speaks TLS to it',
  why: 'The load balancer sends no server name (SNI) to an HTTPS backend. A TLS server with hosts such as `shop.example.com` is chosen by that name, so the gateway finds none and closes the connection, and clients see 502. With `*` among the hosts, or `<namespace>/*`, no name is needed, and VirtualServices route by the Host header. Servers of the protocol TLS, or with PASSTHROUGH, can only route by the name: they need a Network Load Balancer. A Gateway beside another one with `*` is left to virtual-service-hidden-from-alb.',
  fix: 'Use `*`, or `<namespace>/*` for each namespace that may bind to the Gateway.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/ops/common-problems/network-issues/',
    'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html',
  ],
  *check(inventory) {
    const openPorts = new Set(openServersBehindAlb(inventory).map(({ server }) => server.port));
    for (const resource of inventory.of('Gateway'))
      for (const server of serversOf(resource)) {
        if (!speaksTls(server) || server.hasUnfilledHosts) continue;
        const front = albBefore(resource, server, inventory);
        if (front === undefined) continue;
        const { path, protocol, tlsMode, hosts } = server;
        if (protocol === 'TLS' || tlsMode === 'PASSTHROUGH' || tlsMode === 'AUTO_PASSTHROUGH') {
          yield {
            resource,
            path: [...path, ...(tlsMode === undefined ? ['port', 'protocol'] : ['tls', 'mode'])],
            message: `A server with ${tlsMode ?? 'protocol TLS'} routes by SNI, and ${front} sends none.`,
            fix: 'End TLS at the Gateway (HTTPS with mode SIMPLE), or put a Network Load Balancer before it.',
          };
          continue;
        }
        const [first] = hosts;
        if (first === undefined || takesAnyName(server) || openPorts.has(server.port)) continue;
        yield {
          resource,
          path: first.path,
          message: `The server is chosen by SNI since it has no host "*", and ${front} sends none: every request ends in 502.`,
        };
      }
  },
});
