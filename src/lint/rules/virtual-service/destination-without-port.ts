import { serversOf } from '../../../mesh/gateway-servers.ts';
import { portsOfHost } from '../../facts/host-ports.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { virtualServicesOf, type VirtualServiceView } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-without-port',
  severity: 'warning',
  kinds: ['VirtualService', 'Service', 'ServiceEntry'],
  summary: 'a route of a VirtualService without a port, to a service that has several',
  why: 'Istio fills the port in only when the service has one. With several it takes the port the request came in on: at a gateway that is 80 or 443, which the service mostly does not have, and the answer is 503 (NC). Adding a second port to a Service breaks routes that worked.',
  fix: 'Write `port: { number: … }` at the destination.',
  equivalent: ['IST0112'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0112/',
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination',
  ],
  *check(inventory) {
    for (const view of virtualServicesOf(inventory)) {
      const { resource, destinations, hosts, gateways } = view;
      for (const { path, text, host, port } of destinations) {
        if (port !== undefined) continue;
        const numbers = [...new Set((portsOfHost(host, inventory) ?? []).map(({ number }) => number))];
        if (numbers.length < 2) continue;
        // Unlike istioctl: a sidecar keeps the port that was called, and a service has its own ports.
        const isOwn = hosts.length > 0 && hosts.every((each) => each.host === host);
        if (isOwn && gateways.every(({ isMesh }) => isMesh)) continue;
        const missing = gatewayPorts(view, inventory).find((each) => !numbers.includes(each));
        yield {
          resource,
          path,
          severity: missing === undefined ? 'warning' : 'error',
          message:
            missing === undefined
              ? `The route to "${text}" names none of its ports ${numbers.join(', ')}.`
              : `The route to "${text}" names none of its ports ${numbers.join(', ')}, and requests come in on port ${String(missing)} of the gateway.`,
        };
      }
    }
  },
});

function gatewayPorts({ gateways }: VirtualServiceView, inventory: Inventory): readonly number[] {
  return gateways.flatMap(({ isMesh, namespace, name }) => {
    const gateway = isMesh ? undefined : inventory.find('Gateway', namespace, name);
    return gateway === undefined ? [] : serversOf(gateway).flatMap(({ port }) => port ?? []);
  });
}
