import { listAt } from '../../../model/json.ts';
import { actionOf, hasTargetRefs, isForHealthChecks, rulesOf } from '../../../mesh/policy-rule.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'health-paths-open-to-anyone',
  severity: 'info',
  kinds: ['AuthorizationPolicy'],
  summary: 'an ALLOW for health checks that lets anyone use these paths, with any method',
  why: 'Without a `from` the paths are open to the whole network, and some frameworks answer more than "ok" there. The kubelet does not need it: the injector sends its probes to the agent, past every policy. Only monitors outside the mesh do, and they read. A rule that is narrowed to GET and HEAD is not told.',
  fix: 'Drop the rule, or narrow it to `methods: [GET, HEAD]`, or to the monitors that ask.',
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
          message: 'Anyone may use these paths with any method; the kubelet’s probes do not need the rule.',
        };
      }
    }
  },
});
