import { isMeshed } from '../../facts/mesh-use.ts';
import type { Service, ServicePort } from '../../../mesh/service.ts';
import { servicesOf } from '../../../mesh/served-port.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'target-port-of-two-ports',
  severity: 'info',
  kinds: ['Service'],
  summary: 'Services that expose the same container port under different ports',
  why: 'The pod has one listener for the container port, which takes its name and settings from one of the Services, and so do metrics. Traffic works as long as the protocols agree, so the severity is info, where istioctl warns. Two ports in the same Service always share their settings and are not reported.',
  fix: 'Use the same port in every Service, or one Service for both.',
  equivalent: ['IST0137'],
  see: ['https://istio.io/latest/docs/reference/config/analysis/ist0137/'],
  *check(inventory) {
    for (const workload of inventory.workloads) {
      const services = servicesOf(workload, inventory);
      if (services.length < 2 || !isMeshed(inventory, workload)) continue;
      const seen = new Map<string, { readonly service: Service; readonly port: ServicePort }>();
      for (const service of services)
        for (const port of service.ports) {
          const key = String(port.targetPort);
          const other = seen.get(key);
          if (other === undefined) {
            seen.set(key, { service, port });
            continue;
          }
          if (other.service === service || other.port.number === port.number) continue;
          yield {
            resource: service.resource,
            path: [...port.path, 'targetPort'],
            message: `Container port ${key} of ${workload.resource.kind} ${workload.name} is port ${String(port.number)} here but ${String(other.port.number)} in Service ${other.service.name}.`,
          };
        }
    }
  },
});
