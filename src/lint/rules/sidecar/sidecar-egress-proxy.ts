import { isObject, objectAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sidecar-egress-proxy',
  severity: 'warning',
  kinds: ['Sidecar'],
  summary: 'a Sidecar that uses `outboundTrafficPolicy.egressProxy`',
  why: 'The field is undocumented, and Istio lists it as deprecated. Whether calls to unknown hosts go through that proxy or directly to the host depends on the Istio version.',
  fix: 'Route such calls through an egress gateway with a ServiceEntry and a VirtualService.',
  equivalent: ['IST0002'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0002/',
    'https://istio.io/latest/docs/tasks/traffic-management/egress/egress-gateway/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('Sidecar')) {
      const { egressProxy, mode } = objectAt(resource.spec, 'outboundTrafficPolicy');
      // Without this mode the webhook rejects it; egress-proxy-misplaced reports that.
      if (isObject(egressProxy) && mode === 'ALLOW_ANY')
        yield {
          resource,
          path: ['spec', 'outboundTrafficPolicy', 'egressProxy'],
          at: 'key',
          message: 'The field "egressProxy" is deprecated and may be ignored.',
        };
    }
  },
});
