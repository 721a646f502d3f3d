import { keyOf } from '../../../model/key-of.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { describeResource } from '../../../model/resource.ts';
import { virtualServicesOf, type HostName, type VirtualServiceView } from '../../../mesh/virtual-services.ts';
import { mayBeStrangers } from '../../facts/strangers.ts';
import { listIn } from '../../../model/list-in.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'mesh-host-claimed-twice',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'two VirtualServices for the same host inside the mesh',
  why: 'Sidecars do not merge VirtualServices: the oldest one of a host counts, the others are ignored, and which is the oldest changes when one is deleted and made again. A VirtualService that is exported to its own namespace only wins there over a public one: that is in order, and not reported.',
  fix: 'Put the routes into one VirtualService, or export each to other namespaces.',
  equivalent: ['IST0109', 'KIA1106'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0109/',
    'https://istio.io/latest/docs/ops/best-practices/traffic-management/',
  ],
  *check(inventory) {
    const reported = new Set<HostName>();
    for (const claims of claimsByTier(inventory).values())
      for (const { view, host } of claims.slice(0, 200)) {
        const other = claims.find(
          (each) => each.view !== view && !mayBeStrangers(each.view.resource, view.resource),
        );
        if (other === undefined || reported.has(host)) continue;
        reported.add(host);
        yield {
          resource: view.resource,
          path: host.path,
          message: `The host "${host.text}" is also that of ${describeResource(other.view.resource)}, and sidecars follow one of the two only.`,
        };
      }
  },
});

interface Claim {
  readonly view: VirtualServiceView;
  readonly host: HostName;
}

/** By host, and by who sees it: proxies prefer what their own namespace keeps to itself, then what is exported to them
 *  by name, then what is public. Only equals are a conflict. */
function claimsByTier(inventory: Inventory): ReadonlyMap<string, readonly Claim[]> {
  const found = new Map<string, Claim[]>();
  for (const view of virtualServicesOf(inventory)) {
    if (!view.isOnMesh) continue;
    for (const host of view.hosts) {
      // Refused, as virtual-service-wildcard-on-mesh says.
      if (host.host === '*') continue;
      for (const tier of tiersOf(view)) listIn(found, keyOf(tier, host.host)).push({ view, host });
    }
  }
  return found;
}

function tiersOf({ exportTo, resource }: VirtualServiceView): readonly string[] {
  if (exportTo.length === 0 || exportTo.includes('*')) return ['*'];
  const own = resource.namespace;
  return [...new Set(exportTo)].map((each) =>
    each === '.' || each === own ? `private ${own}` : `exported ${each}`,
  );
}
