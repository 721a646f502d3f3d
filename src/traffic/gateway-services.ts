import { isGateway } from '../mesh/gateway-account.ts';
import { servicesOfGateway } from '../mesh/gateway-pods.ts';
import type { Inventory } from '../mesh/inventory.ts';
import type { Service } from '../mesh/service.ts';

/** The Services in front of gateways of the mesh: of pods that a Gateway selects, and of those that are a proxy and nothing
 *  else. */
export function gatewayServices(inventory: Inventory): ReadonlySet<Service> {
  return inventory.once(computeServices);
}

function computeServices(inventory: Inventory): ReadonlySet<Service> {
  const selected = inventory.of('Gateway').flatMap((gateway) => servicesOfGateway(gateway, inventory));
  const proxies = inventory.services.filter((service) => {
    const workloads = inventory.workloadsOf(service);
    return workloads.length > 0 && workloads.every(isGateway);
  });
  return new Set([...selected, ...proxies]);
}
