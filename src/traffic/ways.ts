import type { IngressController } from '../mesh/ingress-controller.ts';
import type { Inventory } from '../mesh/inventory.ts';
import type { Service } from '../mesh/service.ts';
import { addressName, servicesNamedBy } from '../mesh/service-references.ts';
import { servicesOf } from '../mesh/served-port.ts';
import type { Workload } from '../mesh/workload.ts';
import { isList, isObject, stringAt, type JsonValue, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Caller, Entrance, EntranceKind } from '../model/traffic.ts';
import { calleeAt, evidenceAt } from './entrance.ts';

/** Every port of a Service that TCP gets to. */
export function portsOf(service: Service): readonly Service['ports'][number][] {
  return service.ports.filter(({ transport }) => transport === 'TCP');
}

/** The one Service in front of a workload's pods, as fleets name callers; else the workload. */
export function callerOf(workload: Workload, inventory: Inventory): Caller {
  const [service, ...more] = servicesOf(workload, inventory);
  const name = service === undefined || more.length > 0 ? workload.name : service.name;
  return { kind: 'workload', namespace: workload.namespace, name };
}

/** Pods that are called by their addresses: through the one Service port that leads to the container's, where there is one.
 *  @param port  of the container */
export function podsAt(workload: Workload, port: number): Entrance['to'] {
  return { kind: 'workload', namespace: workload.namespace, name: workload.name, port };
}

/** Who calls, when an Ingress controller or a gateway of that software does. */
export function callerOfController(controller: IngressController, inventory: Inventory): Caller {
  switch (controller.kind) {
    case 'cloud':
      return { kind: 'outside' };
    case 'mesh': {
      const { namespace, serviceAccount } = controller;
      return { kind: 'proxy', namespace, name: 'ingress-gateway', serviceAccount };
    }
    case 'workload':
      return callerOf(controller.workload, inventory);
    case 'release':
      return { kind: 'account', namespace: controller.namespace, serviceAccount: undefined };
    case 'unknown':
      return {
        kind: 'unknown',
        name: controller.of === '' ? 'the default ingress controller' : `the controller of ${controller.of}`,
      };
  }
}

/** A controller that runs in the cluster, and how its pods or its chart are known. */
interface Controller {
  readonly name: string;
  /** Of a container of its pods. */
  readonly image: RegExp;
  /** The last part of a chart's name. */
  readonly chart: RegExp;
}

/** Who calls when a controller does: its pods where they were read, anyone of the namespace that its chart installs into, or
 *  someone of whom nothing is known. */
export function controllerCaller(controller: Controller, inventory: Inventory): Caller {
  return inventory.once(findController, controller);
}

function findController({ name, image, chart }: Controller, inventory: Inventory): Caller {
  const workload = inventory.workloads.find(({ containers }) =>
    containers.some(({ value }) => image.test(stringAt(value, 'image') ?? '')),
  );
  if (workload !== undefined) return callerOf(workload, inventory);
  const release = inventory.of('HelmRelease').find(({ spec }) => {
    const named = stringAt(spec, 'chart', 'spec', 'chart') ?? stringAt(spec, 'chartRef', 'name') ?? '';
    return chart.test(named.split('/').at(-1) ?? '');
  });
  if (release === undefined) return { kind: 'unknown', name };
  const namespace = stringAt(release.spec, 'targetNamespace') ?? release.namespace;
  return { kind: 'account', namespace, serviceAccount: undefined };
}

/** Every text below a value, with its place. */
export function* textsIn(
  value: JsonValue | undefined,
  path: YamlPath,
): Iterable<{ readonly path: YamlPath; readonly text: string }> {
  const open: { readonly path: YamlPath; readonly value: JsonValue | undefined }[] = [{ path, value }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { path: at, value: here } = next;
    if (typeof here === 'string') yield { path: at, text: here };
    else {
      // The first is looked at first.
      const inside = isList(here) ? [...here.entries()] : isObject(here) ? Object.entries(here) : [];
      for (const [key, each] of inside.reverse()) open.push({ path: [...at, key], value: each });
    }
  }
}

/** Calls to the Services that a text names.
 *  @param resource  the object it is written in
 *  @param way  by which they are found */
export function* namedCalls(
  { text, path }: { readonly text: string; readonly path: YamlPath },
  resource: Resource,
  from: Caller,
  way: EntranceKind,
  inventory: Inventory,
): Iterable<Entrance & { readonly to: { readonly kind: 'service' } }> {
  // Whether a word alone is a name, the key tells.
  const isAddress = addressName.test(String(path.at(-1)));
  for (const { service, namespace, port } of servicesNamedBy(
    text,
    resource.namespace,
    isAddress,
    inventory,
  )) {
    const to = calleeAt(namespace, service, port, inventory);
    if (to !== undefined) yield { from, to, evidence: evidenceAt(resource, path, way) };
  }
}
