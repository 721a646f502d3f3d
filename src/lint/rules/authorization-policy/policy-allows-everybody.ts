import { sameValue } from '../../../model/same-value.ts';
import { objectAt } from '../../../model/json.ts';
import {
  actionOf,
  hasTargetRefs,
  isEnforced,
  rulesOf,
  selectorOf,
  type PolicyRule,
} from '../../../mesh/policy-rule.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import type { Resource } from '../../../model/resource.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'policy-allows-everybody',
  severity: 'warning',
  kinds: ['AuthorizationPolicy'],
  summary: 'a rule of an ALLOW policy that is empty, and so undoes the policies beside it',
  why: 'An empty rule (`- {}`) matches every request, and one match of one ALLOW policy is enough: what other rules and policies of the same workloads ask for does not count any more. An allow-all that stands alone, or is for one workload of a closed namespace, is taken as meant.',
  fix: 'Say in the rule who may do what, or give the policy a selector.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/concepts/security/#authorization-policies'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      if (actionOf(resource) !== 'ALLOW' || !isEnforced(resource) || hasTargetRefs(resource)) continue;
      const all = rulesOf(resource);
      const empty = all.find(isEmpty);
      // An empty list inside it, policy-empty-entry reports.
      if (empty === undefined || Object.keys(objectAt(resource.value, ...empty.path)).length > 0) continue;
      const undone = all.length > 1 ? resource : undoneBy(resource, inventory);
      if (undone === undefined) continue;
      yield {
        resource,
        path: empty.path,
        message:
          undone === resource
            ? 'This rule matches every request, so the other rules of the policy have no effect.'
            : `This rule matches every request, so ${undone.name} refuses nobody.`,
      };
    }
  },
});

function isEmpty({ sources, operations, conditions }: PolicyRule): boolean {
  return sources.length === 0 && operations.length === 0 && conditions.length === 0;
}

/** A policy for the same pods that would refuse someone. */
function undoneBy(resource: Resource, inventory: Inventory): Resource | undefined {
  const { rootNamespace } = inventory.settings;
  const own = selectorOf(resource);
  // In a namespace, what closes the whole mesh is opened again on purpose.
  const others =
    resource.namespace === rootNamespace
      ? inventory.of('AuthorizationPolicy')
      : inventory.inNamespace('AuthorizationPolicy', resource.namespace);
  return others.find((other) => {
    if (other === resource || actionOf(other) !== 'ALLOW' || !isEnforced(other) || hasTargetRefs(other))
      return false;
    if (own !== undefined && !sameValue(selectorOf(other), own)) return false;
    return !rulesOf(other).some(isEmpty);
  });
}
