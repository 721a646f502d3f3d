import { sameValue } from '../../../model/same-value.ts';
import { actionOf, isEnforced, rulesOf, selectorOf } from '../../../mesh/policy-rule.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'policy-denies-everybody',
  severity: 'warning',
  kinds: ['AuthorizationPolicy'],
  summary: 'a DENY policy that matches every request, next to ALLOW policies',
  why: 'Istio evaluates DENY before ALLOW, so no ALLOW policy is an exception to it: an empty rule (`- {}`) denies everybody with a 403, whatever the other policies say. To deny everything except what is allowed, use an ALLOW policy without rules.',
  fix: 'Use `spec: {}` instead: an ALLOW policy without rules, to which other ALLOW policies add.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/concepts/security/#implicit-enablement',
    'https://istio.io/latest/docs/concepts/security/#allow-nothing-deny-all-and-allow-all-policy',
  ],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      if (actionOf(resource) !== 'DENY' || !isEnforced(resource)) continue;
      const empty = rulesOf(resource).find(
        ({ sources, operations, conditions }) => sources.length + operations.length + conditions.length === 0,
      );
      if (empty === undefined) continue;
      const labels = selectorOf(resource);
      const allowing = inventory
        .inNamespace('AuthorizationPolicy', resource.namespace)
        .find(
          (other) =>
            actionOf(other) === 'ALLOW' &&
            rulesOf(other).length > 0 &&
            (labels === undefined || sameValue(selectorOf(other), labels)),
        );
      if (allowing === undefined) continue;
      yield {
        resource,
        path: empty.path,
        message: `This DENY policy matches every request, so "${allowing.name}" allows nothing.`,
      };
    }
  },
});
