import { portsOfHost } from '../../facts/host-ports.ts';
import { virtualServicesOf } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-port-unknown',
  severity: 'error',
  kinds: ['VirtualService', 'Service', 'ServiceEntry'],
  summary: 'a VirtualService route to a port that the service does not have',
  why: 'The port of a destination is a Service port, not a container port. For any other number the proxy has no cluster, and every request on the route gets a 503 (NC).',
  fix: 'Use a port of the Service, or add the port to it.',
  equivalent: ['IST0101'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0101/',
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination',
  ],
  *check(inventory) {
    for (const { resource, destinations } of virtualServicesOf(inventory))
      for (const { path, text, host, port } of destinations) {
        if (port === undefined) continue;
        const known = portsOfHost(host, inventory);
        if (known === undefined || known.length === 0 || known.some(({ number }) => number === port))
          continue;
        const target = known.find(({ targetPort }) => targetPort === port);
        const listed = known.map(({ number }) => number).join(', ');
        yield {
          resource,
          path: [...path.slice(0, -1), 'port', 'number'],
          message:
            target === undefined
              ? `The route goes to port ${String(port)} of "${text}", which only has ${listed}.`
              : `The route goes to port ${String(port)} of "${text}", which is the container port; the Service has ${listed}.`,
          ...(target !== undefined && { fix: `Use port ${String(target.number)}.` }),
        };
      }
  },
});
