import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';
import { actionOf, hasTargetRefs, isEnforced, selectorOf } from './policy-rule.ts';
import { hasLabels, SelectorIndex } from '../k8s/selector.ts';
import type { Workload } from './workload.ts';

/** The workloads read whose pods a policy (AuthorizationPolicy, RequestAuthentication) is for. */
export function workloadsUnder(policy: Resource, inventory: Inventory): readonly Workload[] {
  return inventory.once(computeWorkloads, policy);
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
    inventory.once(policiesInForce, action, namespace).taking(pods.labels);
  const own = inForce(pods.namespace);
  return pods.namespace === rootNamespace ? own : [...own, ...inForce(rootNamespace)];
}

function policiesInForce(action: string, namespace: string, inventory: Inventory): SelectorIndex<Resource> {
  const policies = inventory
    .inNamespace('AuthorizationPolicy', namespace)
    .filter((policy) => actionOf(policy) === action && isEnforced(policy) && !hasTargetRefs(policy));
  return new SelectorIndex(policies, (policy) => selectorOf(policy) ?? {});
}
