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
  summary: 'a Service port whose declared protocol does not match its container',
  why: 'The proxy trusts the declaration. For a database on a port named `http`, it answers the first bytes with a 400; the severity is then error. A port named `https` that leads to a plaintext port is passed through as bytes: no routes, no policies for paths, no request metrics. A port named `http` that leads to TLS breaks every request. The rule reports only cases where an image and its default port, or the two port names, leave little doubt.',
  fix: 'Name the port after the protocol that the container serves.',
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
  const location = { resource, path: [...path, appProtocol === undefined ? 'name' : 'appProtocol'] };
  const http = isHttp(protocol);
  if (http === true) {
    const software = workloads.map((each) => nonHttpSoftware(each, containerPort(each, targetPort) ?? 0));
    const [first] = software;
    if (first !== undefined && software.every((each) => each === first))
      return {
        ...location,
        severity: 'error',
        message: `Port ${String(number)} is declared as ${protocol}, but it leads to ${first}, which is not HTTP.`,
        fix: 'Name it tcp or tcp-something.',
      };
  }
  const behind = typeof targetPort === 'string' ? namedProtocol(targetPort) : undefined;
  if (behind === 'http' && (protocol === 'https' || protocol === 'tls'))
    return {
      ...location,
      message: `Port ${String(number)} is declared as ${protocol}, but it leads to the plaintext container port "${String(targetPort)}".`,
    };
  if (behind === 'https' && http === true)
    return {
      ...location,
      message: `Port ${String(number)} is declared as ${protocol}, but it leads to the container port "${String(targetPort)}", which expects TLS.`,
    };
  return undefined;
}
