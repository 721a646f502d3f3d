import { podNamespacesOf } from '../../../mesh/gateway-pods.ts';
import { isExportedTo } from '../../../k8s/host.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { virtualServicesOf, type GatewayRef } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'virtual-service-hidden-from-gateway',
  severity: 'error',
  kinds: ['VirtualService', 'Gateway'],
  summary: "a VirtualService that is not exported to the namespace of its gateway's pods",
  why: "`exportTo` counts for gateways too, and what counts is the namespace that the gateway's pods run in. With `.` a gateway in istio-system never sees the routes, and answers 404 (NR).",
  fix: "Add the namespace of the gateway's pods to `exportTo`, or remove it.",
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService'],
  *check(inventory) {
    for (const { resource, gateways, exportTo } of virtualServicesOf(inventory)) {
      if (exportTo.length === 0 || exportTo.some(hasPlaceholder) || !resource.hasNamespace) continue;
      for (const ref of gateways) {
        if (ref.isMesh) continue;
        const places = placesOf(ref, resource.namespace, inventory);
        if (places.length === 0) continue;
        if (places.some((place) => isExportedTo(exportTo, resource.namespace, place))) continue;
        yield {
          resource,
          path: ['spec', 'exportTo'],
          message: `The pods of the gateway ${ref.key} run in ${places.join(' or ')}, where this VirtualService is not exported to.`,
        };
        break;
      }
    }
  },
});

/** Where the pods of a gateway may run; empty: nobody knows. */
function placesOf(
  { key, namespace, name }: GatewayRef,
  own: string,
  inventory: Inventory,
): readonly string[] {
  const { gateways, rootNamespace } = inventory.settings;
  const declared = gateways?.find(({ gateway }) => gateway === key);
  if (declared !== undefined) return [declared.podNamespace];
  const gateway = inventory.find('Gateway', namespace, name);
  const known = gateway === undefined ? [] : [...podNamespacesOf(gateway, inventory)];
  if (known.length > 0) return known;
  // Beside its pods is where a shared Gateway mostly is.
  return namespace === own ? [] : [...new Set([namespace, rootNamespace])];
}
