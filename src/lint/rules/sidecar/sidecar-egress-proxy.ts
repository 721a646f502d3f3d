import { isObject, objectAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sidecar-egress-proxy',
  severity: 'warning',
  kinds: ['Sidecar'],
  summary: 'a Sidecar that uses `outboundTrafficPolicy.egressProxy`',
  why: 'The field is hidden from the documentation, and Istio lists it as deprecated; whether calls to unknown hosts go through the proxy it names, or straight out, depends on the release.',
  fix: 'Route such calls to an egress gateway by a ServiceEntry and a VirtualService.',
  equivalent: ['IST0002'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0002/',
    'https://istio.io/latest/docs/tasks/traffic-management/egress/egress-gateway/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('Sidecar')) {
      const { egressProxy, mode } = objectAt(resource.spec, 'outboundTrafficPolicy');
      // Without this mode it is refused, as egress-proxy-misplaced says.
      if (isObject(egressProxy) && mode === 'ALLOW_ANY')
        yield {
          resource,
          path: ['spec', 'outboundTrafficPolicy', 'egressProxy'],
          at: 'key',
          message: 'The field "egressProxy" is deprecated, and may be ignored.',
        };
    }
  },
});
