import type { NamespaceSpec, ServiceSpec } from '../../model/fleet.ts';
import type { Inventory } from '../../mesh/inventory.ts';

/** The desired state of the cluster's namespaces in the fleet file: in its environment, or in all if it is not known
 *  which that is. */
export function fleetSpecs(inventory: Inventory): ReadonlyMap<string, readonly NamespaceSpec[]> {
  return inventory.once(computeSpecs);
}

function computeSpecs(inventory: Inventory) {
  const found = new Map<string, NamespaceSpec[]>();
  const environment = inventory.fleet?.environment;
  for (const target of inventory.fleet?.fleet.targets ?? []) {
    if (target.kind !== 'namespace') continue;
    if (environment !== undefined && target.environment !== environment) continue;
    const list = found.get(target.namespace);
    if (list === undefined) found.set(target.namespace, [...target.specs]);
    else list.push(...target.specs);
  }
  return found;
}

/** The one value that all specs of a namespace have; undefined: they differ, or there is none. */
export function agreed<T>(
  specs: readonly NamespaceSpec[],
  valueOf: (spec: NamespaceSpec) => T,
): T | undefined {
  const [only, ...others] = new Set(specs.map(valueOf));
  return others.length === 0 ? only : undefined;
}

/** The services that the fleet file declares in a namespace, by name; of several environments, the first. */
export function fleetServices(inventory: Inventory, namespace: string): ReadonlyMap<string, ServiceSpec> {
  return inventory.once(servicesDeclaredIn, namespace);
}

function servicesDeclaredIn(namespace: string, inventory: Inventory): ReadonlyMap<string, ServiceSpec> {
  const specs = fleetSpecs(inventory).get(namespace) ?? [];
  return new Map(specs.flatMap((spec) => spec.services.map((each) => [each.name, each] as const)).reverse());
}
