import { listAt } from '../../../model/json.ts';
import { actionOf, hasTargetRefs, isForHealthChecks, rulesOf } from '../../../mesh/policy-rule.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'health-paths-open-to-anyone',
  severity: 'info',
  kinds: ['AuthorizationPolicy'],
  summary: 'an ALLOW rule that opens health check paths to anyone, with any method',
  why: 'Without a `from`, the paths are open to the whole network, and some frameworks return more than "ok" there. The kubelet does not need the rule: the injector redirects its probes to the agent, which no policy applies to. Only monitors outside the mesh need it, and they only read. A rule limited to GET and HEAD is not reported.',
  fix: 'Remove the rule, or limit it to `methods: [GET, HEAD]` or to your monitoring.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      if (actionOf(resource) !== 'ALLOW' || hasTargetRefs(resource)) continue;
      for (const each of rulesOf(resource)) {
        const { sources, conditions, operations } = each;
        if (sources.length + conditions.length > 0 || !isForHealthChecks(each)) continue;
        const wide = operations.find(
          ({ value }) => listAt(value, 'methods').length + listAt(value, 'ports').length === 0,
        );
        if (wide === undefined) continue;
        yield {
          resource,
          path: [...wide.path, 'paths'],
          at: 'key',
          message: 'Anyone may call these paths with any method; the kubelet’s probes do not need this rule.',
        };
      }
    }
  },
});
