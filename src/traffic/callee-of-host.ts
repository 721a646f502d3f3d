import { serviceInHost } from '../k8s/host.ts';
import type { Inventory } from '../mesh/inventory.ts';
import type { Entrance } from '../model/traffic.ts';
import { calleeAt } from './entrance.ts';

/** The Service that a destination's full host means.
 *  @param port  undefined: its only one
 *  @returns undefined: a host outside, an alias, or nothing has this name or port */
export function calleeOfHost(
  host: string,
  port: number | undefined,
  inventory: Inventory,
): Extract<Entrance['to'], { readonly kind: 'service' }> | undefined {
  const service = inventory.serviceAt(host);
  const named = serviceInHost(host, inventory.settings.clusterDomain);
  if (service !== undefined) return calleeAt(service.namespace, service.name, port, inventory);
  return named === undefined ? undefined : calleeAt(named.namespace, named.service, port, inventory);
}
