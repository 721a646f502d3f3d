import { sameValue } from '../../../model/same-value.ts';
import { actionOf, isEnforced, rulesOf, selectorOf } from '../../../mesh/policy-rule.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'policy-denies-everybody',
  severity: 'warning',
  kinds: ['AuthorizationPolicy'],
  summary: 'a DENY policy that matches every request, beside policies that allow some',
  why: 'A DENY is looked at first, and no ALLOW is an exception to it: an empty rule (`- {}`) refuses everybody with 403, whatever else is written. What refuses all but what is allowed is an ALLOW policy without rules.',
  fix: 'Write `spec: {}` instead: an ALLOW without rules, which other ALLOW policies add to.',
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
        message: `This DENY matches every request, so ${allowing.name} allows nothing.`,
      };
    }
  },
});
