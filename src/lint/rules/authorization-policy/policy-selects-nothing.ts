import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { hasTargetRefs, selectorOf } from '../../../mesh/policy-rule.ts';
import type { Resource } from '../../../model/resource.ts';
import { knowsPodsOf } from '../../../mesh/coverage.ts';
import { workloadsUnder } from '../../../mesh/policy-scope.ts';
import { isAmbient } from '../../../mesh/ambient.ts';
import { rule, type Finding } from '../../rule.ts';

export default rule({
  id: 'policy-selects-nothing',
  severity: 'warning',
  kinds: ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication', 'Deployment'],
  summary: 'a security policy that selects no pods, or only pods without a sidecar',
  why: 'A policy that selects no pods, or pods without a sidecar to enforce it, is accepted but has no effect: what it should forbid stays open. The selector matches the labels of pods (`spec.template.metadata.labels`), not those of the Deployment or the Service. The rule skips namespaces whose workloads were not read, or where a Helm release or an operator may create more.',
  fix: 'Select labels of the pod template, and give the pods a sidecar.',
  equivalent: ['IST0127', 'KIA0004'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0127/',
    'https://istio.io/latest/docs/reference/config/type/workload-selector/',
  ],
  *check(inventory) {
    for (const kind of ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'] as const)
      for (const resource of inventory.of(kind)) yield* checkPolicy(resource, inventory);
  },
});

function* checkPolicy(resource: Resource, inventory: Inventory): Iterable<Finding> {
  const { namespace } = resource;
  // In the root namespace a selector applies to the whole mesh, which no tree contains completely.
  if (namespace === inventory.settings.rootNamespace || hasTargetRefs(resource)) return;
  if (!knowsPodsOf(namespace, inventory)) return;
  const wanted = selectorOf(resource);
  const text = Object.entries(wanted ?? {}).map(([key, value]) => `${key}: ${value}`);
  if (text.some(hasPlaceholder) || isForGatewayPods(wanted)) return;
  const workloads = workloadsUnder(resource, inventory);
  const path = wanted === undefined ? ['metadata', 'name'] : ['spec', 'selector', 'matchLabels'];
  if (workloads.length === 0)
    yield {
      resource,
      path,
      ...(wanted !== undefined && { at: 'key' }),
      message: `The policy selects no pods: no workload read in ${namespace} has the labels ${text.join(', ')}.`,
    };
  else if (workloads.every((each) => isOutside(each, inventory)))
    yield {
      resource,
      path,
      ...(wanted !== undefined && { at: 'key' }),
      message: `The policy selects only pods without a sidecar (${workloads
        .slice(0, 3)
        .map(({ name }) => name)
        .join(', ')}), so nothing enforces it.`,
    };
}

/** Pods that istiod makes for a Gateway of the Gateway API are in no tree. */
function isForGatewayPods(labels: Readonly<Record<string, string>> | undefined): boolean {
  return Object.keys(labels ?? {}).some((key) => key.startsWith('gateway.') || key.startsWith('istio'));
}

function isOutside(workload: Parameters<Inventory['injectionOf']>[0], inventory: Inventory): boolean {
  return inventory.injectionOf(workload).isInjected === false && !isAmbient(workload, inventory);
}
