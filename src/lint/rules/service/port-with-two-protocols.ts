import { isMeshed } from '../../facts/mesh-use.ts';
import { isHttp } from '../../../k8s/protocol.ts';
import type { Service, ServicePort } from '../../../mesh/service.ts';
import { containerPort, type Workload } from '../../../mesh/workload.ts';
import { servicesOf } from '../../../mesh/served-port.ts';
import { rule, type Finding } from '../../rule.ts';

interface SeenPort {
  readonly service: Service;
  readonly port: ServicePort;
}

export default rule({
  id: 'port-with-two-protocols',
  severity: 'warning',
  kinds: ['Service'],
  summary: 'Services that select the same pods but declare different protocols for a port',
  why: 'A pod has one listener per port, and the older Service decides how it is parsed: as HTTP, with routes and policies for paths, or as bytes. Git does not show which one is older, and that changes when one is recreated. istioctl compares only TCP with UDP, even within one Service, where that is harmless. This rule also covers namespaces with a revision label and the protocols in port names.',
  fix: 'Declare the same protocol for the port in every Service that selects these pods.',
  equivalent: ['IST0116'],
  see: [
    'https://istio.io/latest/docs/ops/deployment/application-requirements/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0116/',
  ],
  *check(inventory) {
    for (const workload of inventory.workloads) {
      const services = servicesOf(workload, inventory);
      if (services.length > 1 && isMeshed(inventory, workload)) yield* compare(workload, services);
    }
  },
});

function* compare(workload: Workload, services: readonly Service[]): Iterable<Finding> {
  const byPort = new Map<number, SeenPort>();
  const byContainerPort = new Map<number, SeenPort>();
  for (const service of services)
    for (const port of service.ports) {
      const same = byPort.get(port.number);
      if (same === undefined) byPort.set(port.number, { service, port });
      else if (same.service !== service && same.port.transport !== port.transport)
        yield finding({ service, port }, same, port.transport, same.port.transport, workload);
      const number = containerPort(workload, port.targetPort, port.transport);
      const http = isHttp(port.protocol);
      if (number === undefined || http === undefined || port.transport !== 'TCP') continue;
      const other = byContainerPort.get(number);
      if (other === undefined) byContainerPort.set(number, { service, port });
      else if (other.service !== service && isHttp(other.port.protocol) !== http)
        yield finding({ service, port }, other, port.protocol, other.port.protocol, workload);
    }
}

function finding(here: SeenPort, there: SeenPort, one: string, other: string, workload: Workload): Finding {
  const key =
    one === here.port.transport ? 'protocol' : here.port.appProtocol === undefined ? 'name' : 'appProtocol';
  return {
    resource: here.service.resource,
    path: [...here.port.path, key],
    message: `Port ${String(here.port.number)} is ${one} here but ${other} in Service ${there.service.name}, and both select ${workload.resource.kind} ${workload.name}.`,
  };
}
