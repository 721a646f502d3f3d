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

/** Whether the proxies of a namespace, or of a workload, are ztunnels: ambient mode. */
export function isAmbient(workload: Workload, inventory: Inventory): boolean {
  const said =
    workload.labels['istio.io/dataplane-mode'] ??
    inventory.namespaceLabels(workload.namespace)?.['istio.io/dataplane-mode'];
  return said === 'ambient';
}

/** Groups whose objects make no pods and no accounts. */
const passive: ReadonlySet<string> = new Set([
  '',
  'apps',
  'autoscaling',
  'batch',
  'bitnami.com',
  'cert-manager.io',
  'external-secrets.io',
  'extensions.istio.io',
  'gateway.networking.k8s.io',
  'image.toolkit.fluxcd.io',
  'networking.istio.io',
  'networking.k8s.io',
  'notification.toolkit.fluxcd.io',
  'policy',
  'rbac.authorization.k8s.io',
  'secrets-store.csi.x-k8s.io',
  'security.istio.io',
  'source.toolkit.fluxcd.io',
  'storage.k8s.io',
  'telemetry.istio.io',
]);

/** Whether the pods and accounts of a namespace can be told from what was read: some were that say their namespace, and
 *  nothing read there (a Helm release, an operator's resource) makes more of them. */
export function isKnownWhole(namespace: string, inventory: Inventory): boolean {
  const { makers, members } = inventory.once('makers of pods', () => {
    const known = { makers: new Set<string>(), members: new Set<string>() };
    for (const resource of inventory.resources) {
      const { known: kind, group, spec } = resource;
      if (kind === 'HelmRelease' || kind === 'FluxKustomization') {
        const target = spec.targetNamespace;
        known.makers.add(typeof target === 'string' ? target : resource.namespace);
      } else if (kind === undefined && !passive.has(group) && resource.hasNamespace)
        known.makers.add(resource.namespace);
    }
    for (const { namespace: own, resource } of inventory.workloads)
      if (resource.hasNamespace) known.members.add(own);
    return known;
  });
  return members.has(namespace) && !makers.has(namespace);
}
