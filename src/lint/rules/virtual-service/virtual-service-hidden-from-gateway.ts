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
  why: "`exportTo` also applies to gateways, by the namespace of the gateway's pods. With `.`, a gateway in istio-system never sees the routes and returns a 404 (NR).",
  fix: "Add the namespace of the gateway's pods to `exportTo`, or remove it.",
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService'],
  *check(inventory) {
    for (const { resource, gateways, exportTo } of virtualServicesOf(inventory)) {
      if (exportTo.length === 0 || exportTo.some(hasPlaceholder) || !resource.hasNamespace) continue;
      for (const ref of gateways) {
        if (ref.isMesh) continue;
        const namespaces = podNamespaces(ref, resource.namespace, inventory);
        if (namespaces.length === 0) continue;
        if (namespaces.some((each) => isExportedTo(exportTo, resource.namespace, each))) continue;
        yield {
          resource,
          path: ['spec', 'exportTo'],
          message: `The pods of the gateway ${ref.key} run in ${namespaces.join(' or ')}, to which this VirtualService is not exported.`,
        };
        break;
      }
    }
  },
});

/** Namespaces in which the pods of a gateway may run; empty: unknown. */
function podNamespaces(
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
  // A shared Gateway is usually in the namespace of its pods.
  return namespace === own ? [] : [...new Set([namespace, rootNamespace])];
}
