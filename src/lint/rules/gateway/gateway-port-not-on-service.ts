import { servicesOfGateway } from '../../../mesh/gateway-pods.ts';
import { serversOf } from '../../../mesh/gateway-servers.ts';
import type { Service } from '../../../mesh/service.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-port-not-on-service',
  severity: 'warning',
  kinds: ['Gateway', 'Service'],
  summary: 'a Gateway port that no Service of its pods exposes',
  why: 'The proxy listens, but nobody can reach it: neither the load balancer nor the Service has the port. Clients see a timeout or a refused connection.',
  fix: "Add the port to the gateway's Service, or use one that it has.",
  equivalent: ['IST0162'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0162/',
    'https://istio.io/latest/docs/reference/config/networking/gateway/#Port',
  ],
  *check(inventory) {
    for (const resource of inventory.of('Gateway')) {
      const services = servicesOfGateway(resource, inventory);
      const ports = inventory.once(portsOf, services);
      if (ports === undefined) continue;
      for (const { path, port } of serversOf(resource)) {
        if (port === undefined || ports.has(port)) continue;
        const names = services
          .slice(0, 3)
          .map(({ namespace, name }) => `${namespace}/${name}`)
          .join(', ');
        yield {
          resource,
          path: [...path, 'port', 'number'],
          message: `The Service ${names} does not have port ${String(port)}, so clients can't reach it.`,
        };
      }
    }
  },
});

/** Every number by which a port of the Services can be meant; undefined: not known, since a targetPort with a name may be any. */
function portsOf(services: readonly Service[]): ReadonlySet<number> | undefined {
  const ports = services.flatMap((service) => service.ports);
  if (ports.length === 0) return undefined;
  const numbers = new Set<number>();
  for (const { number, targetPort } of ports) {
    if (typeof targetPort === 'string') return undefined;
    numbers.add(number).add(targetPort);
  }
  return numbers;
}
