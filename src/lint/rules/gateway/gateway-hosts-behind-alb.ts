import { serversOf, takesAnyName } from '../../../mesh/gateway-servers.ts';
import { albBefore, openServersBehindAlb } from '../../../mesh/load-balancer.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-hosts-behind-alb',
  severity: 'error',
  kinds: ['Gateway', 'Ingress'],
  summary: 'a TLS Gateway without host `*` behind an Application Load Balancer',
  why: 'The load balancer sends no server name (SNI) to an HTTPS backend. The gateway selects a TLS server with hosts such as `shop.example.com` by SNI, so it finds none and closes the connection, and clients see a 502. With the host `*` or `<namespace>/*`, the gateway needs no SNI, and VirtualServices route by the Host header. Servers with protocol TLS or with PASSTHROUGH can only route by SNI and need a Network Load Balancer. If another Gateway has `*`, virtual-service-hidden-from-alb reports the problem instead.',
  fix: 'Use `*`, or `<namespace>/*` for each namespace whose VirtualServices may bind.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/ops/common-problems/network-issues/',
    'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html',
  ],
  *check(inventory) {
    const openPorts = new Set(openServersBehindAlb(inventory).map(({ server }) => server.port));
    for (const resource of inventory.of('Gateway'))
      for (const server of serversOf(resource)) {
        if (!server.isTls || server.hasUnfilledHosts) continue;
        const front = albBefore(resource, server, inventory);
        if (front === undefined) continue;
        const { path, protocol, tlsMode, hosts } = server;
        if (protocol === 'TLS' || tlsMode === 'PASSTHROUGH' || tlsMode === 'AUTO_PASSTHROUGH') {
          yield {
            resource,
            path: [...path, ...(tlsMode === undefined ? ['port', 'protocol'] : ['tls', 'mode'])],
            message: `A server with ${tlsMode ?? 'protocol TLS'} routes by SNI, but ${front} sends none.`,
            fix: 'Terminate TLS at the Gateway (HTTPS with mode SIMPLE), or use a Network Load Balancer.',
          };
          continue;
        }
        const [first] = hosts;
        if (first === undefined || takesAnyName(server) || openPorts.has(server.port)) continue;
        yield {
          resource,
          path: first.path,
          message: `Without the host "*", the gateway selects this server by SNI, but ${front} sends none: every request fails with a 502.`,
        };
      }
  },
});
