import { nonHttpSoftware } from '../../facts/known-software.ts';
import { isMeshedService, isOfIstioItself, isServiceOfIstio } from '../../facts/mesh-use.ts';
import { isHttp, namedProtocol } from '../../../k8s/protocol.ts';
import type { Service, ServicePort } from '../../../mesh/service.ts';
import { containerPort, type Workload } from '../../../mesh/workload.ts';
import { rule, type Finding } from '../../rule.ts';

export default rule({
  id: 'port-protocol-wrong',
  severity: 'warning',
  kinds: ['Service'],
  summary: 'a port whose protocol contradicts what is behind it',
  why: 'The proxy believes the name. A database on a port called `http` gets its first bytes answered with 400, which is an error. A port called `https` that ends at a plain one is passed through as bytes: no routes, no policies about paths, no metrics by request. A port called `http` that ends at TLS breaks every request. Told only where an image and its usual port, or the two names, leave little doubt.',
  fix: 'Name the port by what the container speaks there.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/'],
  *check(inventory) {
    for (const service of inventory.services) {
      const workloads = inventory.workloadsOf(service);
      if (workloads.length === 0 || isServiceOfIstio(service) || workloads.some(isOfIstioItself)) continue;
      if (!isMeshedService(inventory, service)) continue;
      for (const port of service.ports) {
        const found = wrongFor(service, port, workloads);
        if (found !== undefined) yield found;
      }
    }
  },
});

function wrongFor(
  { resource }: Service,
  port: ServicePort,
  workloads: readonly Workload[],
): Finding | undefined {
  const { path, protocol, targetPort, appProtocol, number } = port;
  const place = { resource, path: [...path, appProtocol === undefined ? 'name' : 'appProtocol'] };
  const http = isHttp(protocol);
  if (http === true) {
    const software = workloads.map((each) => nonHttpSoftware(each, containerPort(each, targetPort) ?? 0));
    const [first] = software;
    if (first !== undefined && software.every((each) => each === first))
      return {
        ...place,
        severity: 'error',
        message: `Port ${String(number)} is said to be ${protocol}, and ends at ${first}, which does not speak it.`,
        fix: 'Call it tcp, or tcp-something.',
      };
  }
  const behind = typeof targetPort === 'string' ? namedProtocol(targetPort) : undefined;
  if (behind === 'http' && (protocol === 'https' || protocol === 'tls'))
    return {
      ...place,
      message: `Port ${String(number)} is said to be ${protocol}, and ends at the container port "${String(targetPort)}", which is plain.`,
    };
  if (behind === 'https' && http === true)
    return {
      ...place,
      message: `Port ${String(number)} is said to be ${protocol}, and ends at the container port "${String(targetPort)}", which wants TLS.`,
    };
  return undefined;
}
