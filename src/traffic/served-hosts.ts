import type { Inventory } from '../mesh/inventory.ts';
import { listAt, stringAt, stringsAt } from '../model/json.ts';

/** The external names that a cluster serves, with the namespaces of the objects that route them. */
export function servedHosts(inventory: Inventory): ReadonlyMap<string, ReadonlySet<string>> {
  return inventory.once(computeHosts);
}

function computeHosts(inventory: Inventory): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const add = (host: string, namespace: string) => {
    const known = found.get(host) ?? new Set();
    found.set(host, known.add(namespace));
  };
  for (const { spec, namespace } of inventory.of('VirtualService'))
    for (const host of stringsAt(spec, 'hosts')) add(host, namespace);
  for (const kind of ['HTTPRoute', 'GRPCRoute', 'TLSRoute'] as const)
    for (const { spec, namespace } of inventory.of(kind))
      for (const host of stringsAt(spec, 'hostnames')) add(host, namespace);
  for (const { spec, namespace } of inventory.of('Ingress'))
    for (const rule of listAt(spec, 'rules')) {
      const host = stringAt(rule, 'host');
      if (host !== undefined) add(host, namespace);
    }
  return found;
}
