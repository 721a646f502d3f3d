import { describeResource } from '../../../model/resource.ts';
import { overlapsAtGateways, uncomparedClaims, type HostClaim } from '../../facts/gateway-overlaps.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-routes-overlap',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'VirtualServices in one namespace with overlapping routes for a gateway host',
  why: 'A gateway merges the VirtualServices for a host, oldest first, and the first matching route gets the request. If the routes of two overlap, their age decides, which Git does not record: after a namespace is restored or one of the two is recreated, requests may go elsewhere.',
  fix: 'Put the overlapping routes in one VirtualService, in the order in which they should match.',
  equivalent: ['KIA1106'],
  see: [
    'https://istio.io/latest/docs/ops/best-practices/traffic-management/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const { view, host, other, gateway, match } of overlapsAtGateways(inventory)) {
      if (view.resource.namespace !== other.resource.namespace) continue;
      yield {
        resource: view.resource,
        path: match.path,
        message: `Requests for "${host.text}" at ${gateway} match this route and one in ${describeResource(other.resource)}; the older object gets them.`,
      };
    }
    for (const claims of uncomparedClaims(inventory)) {
      const first = firstOfSharedNamespace(claims);
      if (first === undefined) continue;
      yield {
        resource: first.view.resource,
        path: first.host.path,
        severity: 'info',
        message: `Too many VirtualServices route "${first.host.text}" at ${first.gateway}: ${String(claims.length)} were not compared with each other, so there may be more overlapping routes.`,
      };
    }
  },
});

function firstOfSharedNamespace(claims: readonly HostClaim[]): HostClaim | undefined {
  const seen = new Set<string>();
  for (const claim of claims) {
    const { namespace } = claim.view.resource;
    if (seen.has(namespace)) return claim;
    seen.add(namespace);
  }
  return undefined;
}
