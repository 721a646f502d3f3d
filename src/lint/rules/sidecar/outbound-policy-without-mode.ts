import { isObject } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'outbound-policy-without-mode',
  severity: 'warning',
  kinds: ['Sidecar'],
  summary: 'an `outboundTrafficPolicy` of a Sidecar without `mode`',
  why: 'The mode is an enumeration whose first value is REGISTRY_ONLY, so an empty block, which reads like a default, cuts off every host that is not in the registry: HTTP answers 502, anything else is reset. Leaving the block out keeps what the mesh says, ALLOW_ANY unless it was changed.',
  fix: 'Write the mode you mean: `ALLOW_ANY` or `REGISTRY_ONLY`.',
  equivalent: ['KIA1007'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/sidecar/#OutboundTrafficPolicy',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('Sidecar')) {
      const policy = resource.spec.outboundTrafficPolicy;
      if (!isObject(policy) || Object.hasOwn(policy, 'mode')) continue;
      yield {
        resource,
        path: ['spec', 'outboundTrafficPolicy'],
        at: 'key',
        message:
          'The policy names no "mode", and Istio reads that as REGISTRY_ONLY: unknown hosts are cut off.',
      };
    }
  },
});
