import { serviceHost } from '../k8s/host.ts';
import type { Inventory } from '../mesh/inventory.ts';
import type { Service } from '../mesh/service.ts';
import type { YamlPath } from '../model/json.ts';
import { describeResource, type Resource } from '../model/resource.ts';
import type { Entrance, EntranceKind, Evidence, Exit, ExitKind } from '../model/traffic.ts';

/** Collects ways of one kind into the cluster's pods, from built objects: one file in `entrances/`, one line in its index.
 *  Pure, linear in the objects, never throws. */
export interface EntranceCollector {
  readonly way: EntranceKind;
  find(inventory: Inventory): Iterable<Entrance>;
}

/** Collects ways of one kind out of the cluster, from built objects: one file in `exits/`, one line in its index. */
export interface ExitCollector {
  readonly way: ExitKind;
  find(inventory: Inventory): Iterable<Exit>;
}

/** Holds a collector to its type. */
export function entranceCollector(definition: EntranceCollector): EntranceCollector {
  return definition;
}

/** The object that opens a way, and the line of it that says so. */
export function evidenceAt(
  resource: Resource,
  path: YamlPath,
  way: EntranceKind | ExitKind,
): readonly Evidence[] {
  const { file, line } = resource.rangeOf(path, 'value');
  return [{ source: 'manifests', way, object: describeResource(resource), file, line }];
}

export function serviceNamed(namespace: string, name: string, inventory: Inventory): Service | undefined {
  return inventory.serviceAt(serviceHost(name, namespace, inventory.settings.clusterDomain));
}

/** A Service that is there, or whose namespace nobody has read; its only port where none is said.
 *  @returns undefined: an alias, or nothing has this name or port */
export function calleeAt(
  namespace: string,
  name: string,
  port: number | undefined,
  inventory: Inventory,
): Entrance['to'] | undefined {
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
