import { serversOf } from '../../../mesh/gateway-servers.ts';
import { portsOfHost } from '../../facts/host-ports.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { virtualServicesOf, type VirtualServiceView } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-without-port',
  severity: 'warning',
  kinds: ['VirtualService', 'Service', 'ServiceEntry'],
  summary: 'a VirtualService route without a port to a service with several ports',
  why: 'Istio fills in the port only if the service has exactly one. With several, it uses the port on which the request arrived: at a gateway that is 80 or 443, which the service usually does not have, and the request gets a 503 (NC). Adding a second port to a Service therefore breaks working routes.',
  fix: 'Set `port: { number: … }` in the destination.',
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
              ? `The route to "${text}" does not say which of its ports ${numbers.join(', ')} to use.`
              : `The route to "${text}" does not say which of its ports ${numbers.join(', ')} to use, and requests arrive on port ${String(missing)} of the gateway.`,
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
