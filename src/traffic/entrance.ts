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

/** Holds a collector to its type. */
export function exitCollector(definition: ExitCollector): ExitCollector {
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

function serviceNamed(namespace: string, name: string, inventory: Inventory): Service | undefined {
  return inventory.serviceAt(serviceHost(name, namespace, inventory.settings.clusterDomain));
}

/** A Service that is there, or whose namespace nobody has read; its only port where none is said.
 *  @param port  number or name
 *  @returns undefined: an alias, or nothing has this name or port */
export function calleeAt(
  namespace: string,
  name: string,
  port: number | string | undefined,
  inventory: Inventory,
): Extract<Entrance['to'], { readonly kind: 'service' }> | undefined {
  const service = serviceNamed(namespace, name, inventory);
  if (service?.externalName !== undefined) return undefined;
  const at = (number: number | undefined) => ({ kind: 'service' as const, namespace, name, port: number });
  if (service === undefined)
    return inventory.isRead(namespace) ? undefined : at(typeof port === 'number' ? port : undefined);
  const [only, ...more] = service.ports;
  if (port === undefined) return at(more.length === 0 ? only?.number : undefined);
  const found = service.ports.find((each) => each.number === port || each.name === port);
  return found === undefined ? undefined : at(found.number);
}
