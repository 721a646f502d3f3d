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
  summary: 'an empty rule in an ALLOW policy, which makes the other ALLOW policies pointless',
  why: 'An empty rule (`- {}`) matches every request, and a match in one ALLOW policy is enough: the conditions of other rules and policies for the same workloads no longer matter. An allow-all without other ALLOW policies, or for one workload in a closed namespace, is assumed to be intended.',
  fix: 'State in the rule who may do what, or give the policy a selector.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/concepts/security/#authorization-policies'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      if (actionOf(resource) !== 'ALLOW' || !isEnforced(resource) || hasTargetRefs(resource)) continue;
      const all = rulesOf(resource);
      const empty = all.find(isEmpty);
      // policy-empty-entry reports an empty list inside it.
      if (empty === undefined || Object.keys(objectAt(resource.value, ...empty.path)).length > 0) continue;
      const undone = all.length > 1 ? resource : undoneBy(resource, inventory);
      if (undone === undefined) continue;
      yield {
        resource,
        path: empty.path,
        message:
          undone === resource
            ? 'This rule matches every request, so the other rules of the policy have no effect.'
            : `This rule matches every request, so "${undone.name}" restricts nobody.`,
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
