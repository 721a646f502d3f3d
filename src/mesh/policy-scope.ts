import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';
import { actionOf, hasTargetRefs, isEnforced, selectorOf } from './policy-rule.ts';
import { hasLabels, SelectorIndex } from './selector.ts';
import type { Workload } from './workload.ts';

/** The workloads read whose pods a policy (AuthorizationPolicy, RequestAuthentication) is for. */
export function workloadsUnder(policy: Resource, inventory: Inventory): readonly Workload[] {
  const known = inventory.once('workloads under policies', () => new Map<Resource, readonly Workload[]>());
  const found = known.get(policy) ?? computeWorkloads(policy, inventory);
  known.set(policy, found);
  return found;
}

function computeWorkloads(policy: Resource, inventory: Inventory): readonly Workload[] {
  if (hasTargetRefs(policy)) return [];
  const wanted = selectorOf(policy);
  if (policy.namespace !== inventory.settings.rootNamespace)
    return inventory.workloadsWith(policy.namespace, wanted ?? {});
  return wanted === undefined
    ? inventory.workloads
    : inventory.workloads.filter(({ labels }) => hasLabels(labels, wanted));
}

/** The AuthorizationPolicies in force for pods with these labels, of one action: those of the namespace and of the mesh. */
export function policiesOn(
  pods: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
  action: string,
  inventory: Inventory,
): readonly Resource[] {
  const { rootNamespace } = inventory.settings;
  const inForce = (namespace: string) =>
    inventory
      .once(`policies in force: ${action} ${namespace}`, () => {
        const policies = inventory
          .inNamespace('AuthorizationPolicy', namespace)
          .filter((policy) => actionOf(policy) === action && isEnforced(policy) && !hasTargetRefs(policy));
        return new SelectorIndex(policies, (policy) => selectorOf(policy) ?? {});
      })
      .taking(pods.labels);
  const own = inForce(pods.namespace);
  return pods.namespace === rootNamespace ? own : [...own, ...inForce(rootNamespace)];
}
