import { apiServerCalls } from '../mesh/api-server-calls.ts';
import { serviceHost } from '../k8s/host.ts';
import { ingressBackends, ingressClassOf, isCloudClass } from '../mesh/ingress.ts';
import type { Inventory } from '../mesh/inventory.ts';
import { servicesOf } from '../mesh/served-port.ts';
import { isOfPlatform, serviceReferences, type ServiceReference } from '../mesh/service-references.ts';
import type { Service } from '../mesh/service.ts';
import type { Workload } from '../mesh/workload.ts';
import type { YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Call, Callee, Caller, Evidence } from '../model/traffic.ts';

/** Calls that manifests speak of: a Service named in environment variables, arguments and ConfigMaps of a workload; by a
 *  probe of another host; as a webhook or an API of the API server; in an Ingress that a cloud's load balancer serves.
 *  Left out are the platform's own services, which every pod may call, and what Prometheus scrapes: it asks the pods by
 *  their addresses, not the Service. */
export function scannedCalls(inventory: Inventory): readonly Call[] {
  return inventory.once(computeCalls);
}

function computeCalls(inventory: Inventory) {
  return [...named(inventory), ...ofApiServer(inventory), ...ofIngresses(inventory)];
}

function* named(inventory: Inventory): Iterable<Call> {
  for (const reference of serviceReferences(inventory)) {
    const { namespace, service, port, resource, path, from } = reference;
    if (isOfPlatform(reference, inventory)) continue;
    const to = calleeAt(namespace, service, port, inventory);
    const evidence = evidenceAt(resource, path);
    if (to !== undefined && from === 'probe') yield { from: { kind: 'outside' }, to, evidence };
    if (to === undefined || from === 'probe') continue;
    for (const workload of reference.readBy)
      if (!isItself(workload, reference, inventory))
        yield { from: callerOf(workload, inventory), to, evidence };
  }
}

function* ofApiServer(inventory: Inventory): Iterable<Call> {
  for (const { resource, path, name, namespace, port, url } of apiServerCalls(inventory)) {
    const to = calleeAt(namespace, name, port, inventory);
    if (to !== undefined)
      yield { from: { kind: 'outside' }, to, path: url, evidence: evidenceAt(resource, path) };
  }
}

function* ofIngresses(inventory: Inventory): Iterable<Call> {
  for (const resource of inventory.of('Ingress')) {
    const { namespace } = resource;
    if (!isCloudClass(ingressClassOf(resource) ?? '')) continue;
    for (const { path, name, port } of ingressBackends(resource)) {
      const service = serviceNamed(namespace, name, inventory);
      if (service === undefined) continue;
      const number =
        typeof port === 'number' ? port : service.ports.find((each) => each.name === port)?.number;
      const to = calleeAt(namespace, name, number, inventory);
      if (to !== undefined) yield { from: { kind: 'outside' }, to, evidence: evidenceAt(resource, path) };
    }
  }
}

function serviceNamed(namespace: string, name: string, inventory: Inventory): Service | undefined {
  return inventory.serviceAt(serviceHost(name, namespace, inventory.settings.clusterDomain));
}

/** A Service that is there, or whose namespace nobody has read; its only port where none is said. */
function calleeAt(
  namespace: string,
  name: string,
  port: number | undefined,
  inventory: Inventory,
): Callee | undefined {
  const service = serviceNamed(namespace, name, inventory);
  if (service?.externalName !== undefined) return undefined;
  if (service === undefined)
    return inventory.isRead(namespace) ? undefined : { kind: 'service', namespace, name, port };
  const [only, ...more] = service.ports;
  if (port !== undefined && !service.ports.some(({ number }) => number === port)) return undefined;
  return {
    kind: 'service',
    namespace,
    name,
    port: port ?? (more.length === 0 ? only?.number : undefined),
  };
}

/** The one Service in front of a workload's pods, as fleets name callers; else the workload. */
function callerOf(workload: Workload, inventory: Inventory): Caller {
  const [service, ...more] = servicesOf(workload, inventory);
  const name = service === undefined || more.length > 0 ? workload.name : service.name;
  return { kind: 'workload', namespace: workload.namespace, name };
}

function isItself(
  workload: Workload,
  { namespace, service }: ServiceReference,
  inventory: Inventory,
): boolean {
  return (
    namespace === workload.namespace &&
    (service === workload.name || servicesOf(workload, inventory).some(({ name }) => name === service))
  );
}

function evidenceAt(resource: Resource, path: YamlPath): readonly Evidence[] {
  const { file, line } = resource.rangeOf(path, 'value');
  return [{ source: 'manifests', file, line }];
}
