import { keyOf } from '../../../model/key-of.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { describeResource } from '../../../model/resource.ts';
import { virtualServicesOf, type HostName, type VirtualServiceView } from '../../../mesh/virtual-services.ts';
import { groupOf } from '../../facts/unrelated.ts';
import { listIn } from '../../../model/list-in.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'mesh-host-claimed-twice',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'two VirtualServices for the same host inside the mesh',
  why: 'Sidecars do not merge VirtualServices: the oldest one for a host takes effect and the others are ignored, and which is the oldest changes if one is deleted and recreated. A VirtualService that is exported only to its own namespace takes precedence there over a public one; that is fine and not reported.',
  fix: 'Merge the routes into one VirtualService, or export each to different namespaces.',
  equivalent: ['IST0109', 'KIA1106'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0109/',
    'https://istio.io/latest/docs/ops/best-practices/traffic-management/',
  ],
  *check(inventory) {
    const reported = new Set<HostName>();
    for (const claims of claimsByTier(inventory).values()) {
      const [first] = claims;
      const second = claims.find((each) => each.view !== first?.view);
      for (const { view, host } of claims) {
        const other = view === first?.view ? second : first;
        if (other === undefined || reported.has(host)) continue;
        reported.add(host);
        yield {
          resource: view.resource,
          path: host.path,
          message: `Both this VirtualService and ${describeResource(other.view.resource)} are for the host "${host.text}", and sidecars use only one of them.`,
        };
      }
    }
  },
});

interface MeshHostClaim {
  readonly view: VirtualServiceView;
  readonly host: HostName;
}

/** Related claims by host, and by who sees them: proxies prefer what their own namespace keeps to itself, then what is
 *  exported to them by name, then what is public. Only equals are a conflict. */
function claimsByTier(inventory: Inventory): ReadonlyMap<string, readonly MeshHostClaim[]> {
  const found = new Map<string, MeshHostClaim[]>();
  for (const view of virtualServicesOf(inventory)) {
    if (!view.isOnMesh) continue;
    for (const host of view.hosts) {
      // The webhook rejects it; virtual-service-wildcard-on-mesh reports that.
      if (host.host === '*') continue;
      for (const tier of tiersOf(view))
        listIn(found, keyOf(groupOf(view.resource), tier, host.host)).push({ view, host });
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
