import { isObject } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'outbound-policy-without-mode',
  severity: 'warning',
  kinds: ['Sidecar'],
  summary: 'a Sidecar `outboundTrafficPolicy` without `mode`',
  why: 'The default of `mode` is REGISTRY_ONLY, so an empty block blocks every host that is not in the registry: HTTP requests get a 502, other connections are reset. Without the block, the setting of the mesh applies: ALLOW_ANY unless it was changed.',
  fix: 'Set the mode you want: `ALLOW_ANY` or `REGISTRY_ONLY`.',
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
        message: 'The policy has no "mode", which Istio reads as REGISTRY_ONLY: unknown hosts are blocked.',
      };
    }
  },
});
