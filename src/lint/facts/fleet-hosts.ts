import type { NamespaceSpec } from '../../model/fleet.ts';
import type { Inventory } from '../../mesh/inventory.ts';

/** The desired state of namespaces in the current environment; in all environments if it is not known. */
export function namespaceSpecs({ fleet }: Inventory): readonly NamespaceSpec[] {
  if (fleet === undefined) return [];
  const { environment } = fleet;
  return fleet.fleet.targets.flatMap((target) =>
    target.kind === 'namespace' && (environment === undefined || target.environment === environment)
      ? target.specs
      : [],
  );
}

/** The namespaces that the fleet declares each external host for. */
export function hostOwners(inventory: Inventory): ReadonlyMap<string, ReadonlySet<string>> {
  return inventory.once(computeOwners);
}

function computeOwners(inventory: Inventory) {
  const found = new Map<string, Set<string>>();
  for (const { namespace, services } of namespaceSpecs(inventory))
    for (const host of services.flatMap((service) => service.hosts))
      found.set(host.toLowerCase(), (found.get(host.toLowerCase()) ?? new Set()).add(namespace));
  return found;
}
