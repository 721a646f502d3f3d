import type { Inventory } from '../../../mesh/inventory.ts';
import { describeResource } from '../../../model/resource.ts';
import { virtualServicesOf, type VirtualServiceView } from '../../../mesh/virtual-services.ts';
import { mayBeUnrelated } from '../../facts/unrelated.ts';
import { listIn } from '../../../model/list-in.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'subset-routes-not-at-gateway',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'a gateway route to a host that is split into subsets only for sidecars',
  why: 'The gateway uses only the VirtualServices that are bound to it. Its requests go to all versions of the service, whatever weights or subsets another VirtualService sets for calls inside the mesh: a canary with 1% gets traffic in proportion to its pods instead.',
  fix: 'Use the subsets in the gateway route too, or bind the other VirtualService to the gateway.',
  equivalent: ['IST0140'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0140/',
    'https://istio.io/latest/docs/ops/common-problems/network-issues/',
  ],
  *check(inventory) {
    const splits = splitsByHost(inventory);
    for (const { resource, gateways, destinations } of virtualServicesOf(inventory)) {
      if (gateways.every(({ isMesh }) => isMesh)) continue;
      for (const { path, text, host, subset, isMirror } of destinations) {
        if (subset !== undefined || isMirror) continue;
        const other = splits
          .get(host)
          ?.find((each) => each.resource !== resource && !mayBeUnrelated(each.resource, resource));
        if (other === undefined) continue;
        yield {
          resource,
          path,
          message: `This gateway route to "${text}" bypasses the subsets in ${describeResource(other.resource)}.`,
        };
        break;
      }
    }
  },
});

/** VirtualServices of sidecars that send requests for one of their hosts to subsets of it, by that host. */
function splitsByHost(inventory: Inventory): ReadonlyMap<string, readonly VirtualServiceView[]> {
  const found = new Map<string, VirtualServiceView[]>();
  for (const view of virtualServicesOf(inventory)) {
    if (view.gateways.some(({ isMesh }) => !isMesh)) continue;
    const split = new Set(
      view.destinations.flatMap(({ host, subset }) => (subset === undefined ? [] : [host])),
    );
    for (const { host } of view.hosts) if (split.has(host)) listIn(found, host).push(view);
  }
  return found;
}
