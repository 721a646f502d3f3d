import { hasTargetRefs, selectorOf } from '../../../mesh/policy-rule.ts';
import { rule } from '../../rule.ts';

const labelsOfGateways = ['gateway.networking.k8s.io/gateway-name', 'istio.io/gateway-name'];

export default rule({
  id: 'selector-on-gateway-api-pods',
  severity: 'warning',
  kinds: ['AuthorizationPolicy', 'RequestAuthentication', 'Telemetry', 'WasmPlugin'],
  summary: 'a policy that selects the pods of a Gateway API gateway by label',
  why: 'Policies attach to Gateway API gateways and waypoints through `targetRefs`. Waypoints always ignore a selector, and gateways do too if the control plane is configured so: the policy then silently has no effect.',
  fix: 'Replace the selector with `targetRefs` to the Gateway.',
  equivalent: ['IST0166'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0166/',
    'https://istio.io/latest/docs/reference/config/type/workload-selector/#PolicyTargetReference',
  ],
  *check(inventory) {
    for (const kind of ['AuthorizationPolicy', 'RequestAuthentication', 'Telemetry', 'WasmPlugin'] as const)
      for (const resource of inventory.of(kind)) {
        const selector = selectorOf(resource) ?? {};
        const label = labelsOfGateways.find((each) => Object.hasOwn(selector, each));
        if (label === undefined || hasTargetRefs(resource)) continue;
        yield {
          resource,
          path: ['spec', 'selector', 'matchLabels', label],
          at: 'key',
          message: `The policy selects the pods of the Gateway API gateway ${selector[label] ?? ''} by label instead of through "targetRefs".`,
          fix: `Use targetRefs with group gateway.networking.k8s.io, kind Gateway, name ${selector[label] ?? ''}.`,
        };
      }
  },
});
