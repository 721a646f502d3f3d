import { describeResource } from '../../../model/resource.ts';
import { overlapsAtGateways } from '../../facts/gateway-overlaps.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-routes-overlap',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'VirtualServices of one namespace whose routes for a host of a gateway take the same requests',
  why: 'A gateway merges the VirtualServices of a host, oldest first, and the first route that matches has the request. Where routes of two overlap, their age decides, which is not in Git: after a namespace is restored, or one of the two is made anew, requests go elsewhere.',
  fix: 'Put the overlapping routes into one VirtualService, in the order they are to be tried.',
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
        message: `Requests for "${host.text}" at ${gateway} match this route and one of ${describeResource(other.resource)}, and the older object has them.`,
      };
    }
  },
});
