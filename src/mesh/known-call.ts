import type { YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { NamespaceSpec } from '../model/fleet.ts';
import { serviceHost } from '../k8s/host.ts';
import type { Inventory } from './inventory.ts';
import type { Service, ServicePort } from './service.ts';
import { referencesOfWorkloads, type ServiceReference } from './service-references.ts';
import { containerPort, type Workload } from './workload.ts';
import { isAmbient } from './ambient.ts';

/** A call that someone makes: the fleet declares it, or a workload names the Service. */
export interface KnownCall {
  readonly caller: {
    /** `storefront/web` */
    readonly shown: string;
    readonly namespace: string;
    /** undefined: any of the namespace. */
    readonly serviceAccount: string | undefined;
    /** undefined: not known. */
    readonly hasSidecar: boolean | undefined;
  };
  readonly callee: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Readonly<Record<string, string>>;
    /** Of the container; undefined: not known. */
    readonly port: number | undefined;
    /** undefined: the fleet's, of which no workload was read. */
    readonly workload: Workload | undefined;
  };
  /** Where the caller says so; undefined: the fleet does. */
  readonly evidence: { readonly resource: Resource; readonly path: YamlPath } | undefined;
}

export function knownCalls(inventory: Inventory): readonly KnownCall[] {
  return inventory.once(computeCalls);
}

function computeCalls(inventory: Inventory) {
  return [...declaredCalls(inventory), ...mentionedCalls(inventory)];
}

function* mentionedCalls(inventory: Inventory): Iterable<KnownCall> {
  for (const reference of referencesOfWorkloads(inventory))
    for (const from of reference.from === 'probe' ? [] : reference.readBy) {
      const called = calledBy(from, reference, inventory);
      if (called === undefined) continue;
      const { service, port: servicePort } = called;
      const { path } = reference;
      const injected = inventory.injectionOf(from).isInjected;
      const caller = {
        shown: `${from.namespace}/${from.name}`,
        namespace: from.namespace,
        serviceAccount: from.serviceAccount,
        hasSidecar: injected === false && isAmbient(from, inventory) ? undefined : injected,
      };
      for (const workload of inventory.workloadsOf(service))
        yield {
          caller,
          callee: {
            name: service.name,
            namespace: service.namespace,
            labels: workload.labels,
            port: servicePort === undefined ? undefined : containerPort(workload, servicePort.targetPort),
            workload,
          },
          evidence: { resource: from.resource, path },
        };
    }
}

/** The Service that a name stands for, and its port; undefined: the caller's own, or none that is known. */
function calledBy(
  from: Workload,
  { namespace, service: name, port }: ServiceReference,
  inventory: Inventory,
): { readonly service: Service; readonly port: ServicePort | undefined } | undefined {
  const service = inventory.serviceAt(serviceHost(name, namespace, inventory.settings.clusterDomain));
  if (service === undefined || service.externalName !== undefined) return undefined;
  if (inventory.workloadsOf(service).includes(from)) return undefined;
  const [only, ...more] = service.ports;
  if (port === undefined) return { service, port: more.length === 0 ? only : undefined };
  const named = service.ports.find(({ number }) => number === port);
  return named === undefined ? undefined : { service, port: named };
}

function* declaredCalls(inventory: Inventory): Iterable<KnownCall> {
  const { fleet, environment } = inventory.fleet ?? {};
  if (fleet === undefined || environment === undefined) return;
  for (const target of fleet.targets) {
    if (target.kind !== 'namespace' || target.environment !== environment) continue;
    const [spec] = target.specs;
    if (spec !== undefined && inventory.isRead(spec.namespace)) yield* callsOf(spec, inventory);
  }
}

function* callsOf({ namespace, services }: NamespaceSpec, inventory: Inventory): Iterable<KnownCall> {
  for (const { name, selector, callers, ports } of services) {
    const service = inventory.servicesIn(namespace).find((each) => each.name === name);
    const wanted = selector ?? service?.selector;
    if (wanted === undefined) continue;
    const [workload] = inventory.workloadsOf({ namespace, selector: wanted });
    for (const caller of callers) {
      const [first, ...more] = caller.ports.length > 0 ? caller.ports : ports.map(({ number }) => number);
      const port = more.length > 0 ? undefined : ports.find(({ number }) => number === first)?.targetPort;
      yield {
        caller: {
          shown: `${caller.namespace}/${caller.service ?? caller.serviceAccount ?? '*'}`,
          namespace: caller.namespace,
          serviceAccount: caller.serviceAccount,
          hasSidecar: caller.stage === undefined ? undefined : caller.stage !== 'outside',
        },
        callee: { name, namespace, labels: workload?.labels ?? wanted, port, workload },
        evidence: undefined,
      };
    }
  }
}
