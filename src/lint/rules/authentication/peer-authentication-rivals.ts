import { sameValue } from '../../../model/same-value.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasSelector } from '../../../mesh/peer-authentication.ts';
import { selectorOf } from '../../../mesh/policy-rule.ts';
import { SelectorIndex } from '../../../k8s/selector.ts';
import { groupsOf } from '../../facts/unrelated.ts';
import { valueAt } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { rule, type Finding } from '../../rule.ts';

export default rule({
  id: 'peer-authentication-rivals',
  severity: 'error',
  kinds: ['PeerAuthentication'],
  summary: 'two PeerAuthentications for the same pods',
  why: 'Of several at the same level (mesh, namespace, workload), only the one created first takes effect. Git does not record which that is, and a rebuilt cluster may pick another: STRICT in one cluster, plaintext in the next.',
  fix: 'Keep one of them.',
  equivalent: ['KIA0002', 'KIA0003'],
  see: [
    'https://istio.io/latest/docs/concepts/security/#peer-authentication',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    const namespaces = new Set(inventory.of('PeerAuthentication').map(({ namespace }) => namespace));
    for (const namespace of namespaces) {
      for (const policies of groupsOf(inventory.inNamespace('PeerAuthentication', namespace))) {
        const [first, ...others] = policies.filter((policy) => !hasSelector(policy));
        if (first !== undefined)
          for (const other of others) yield found(other, first, `all pods of ${namespace}`);
        // In the root namespace a selector has no effect at all.
        if (namespace !== inventory.settings.rootNamespace) yield* ofWorkloads(policies, inventory);
      }
    }
  },
});

function* ofWorkloads(policies: readonly Resource[], inventory: Inventory): Iterable<Finding> {
  const selecting = policies.filter(hasSelector);
  const reported = new Set<Resource>();
  const bySelector = new Map<string, Resource>();
  for (const policy of selecting) {
    const key = JSON.stringify(Object.entries(selectorOf(policy) ?? {}).sort());
    const first = bySelector.get(key);
    if (first === undefined) bySelector.set(key, policy);
    else {
      reported.add(policy);
      yield found(policy, first, 'pods with the same labels');
    }
  }
  if (selecting.length < 2) return;
  const index = new SelectorIndex(selecting, (policy) => selectorOf(policy) ?? {});
  for (const { labels, name } of inventory.workloadsIn(selecting[0]?.namespace ?? '')) {
    const [first, ...others] = index.taking(labels);
    for (const other of others) {
      if (first === undefined || reported.has(other)) continue;
      reported.add(other);
      yield found(other, first, `the pods of ${name}`);
    }
  }
}

function found(resource: Resource, first: Resource, pods: string): Finding {
  const isSame = ['mtls', 'portLevelMtls'].every((key) =>
    sameValue(valueAt(resource.spec, key), valueAt(first.spec, key)),
  );
  return {
    resource,
    path: ['metadata', 'name'],
    message: `"${first.name}" also selects ${pods}, and only the older of the two takes effect.`,
    ...(isSame && { severity: 'warning' }),
  };
}
