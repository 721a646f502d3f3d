import { sameValue } from '../../../model/same-value.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasSelector } from '../../../mesh/peer-authentication.ts';
import { selectorOf } from '../../../mesh/policy-rule.ts';
import { SelectorIndex } from '../../../k8s/selector.ts';
import { groupsOf } from '../../facts/strangers.ts';
import { valueAt } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { rule, type Finding } from '../../rule.ts';

export default rule({
  id: 'peer-authentication-rivals',
  severity: 'error',
  kinds: ['PeerAuthentication'],
  summary: 'two PeerAuthentications for the same pods',
  why: 'Of several at one level (mesh, namespace, workload) the one that was created first counts, and the others have no effect. Git does not know which that is, and a cluster that is built anew may choose another: STRICT here, plain text there.',
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
  const told = new Set<Resource>();
  const bySelector = new Map<string, Resource>();
  for (const policy of selecting) {
    const key = JSON.stringify(Object.entries(selectorOf(policy) ?? {}).sort());
    const first = bySelector.get(key);
    if (first === undefined) bySelector.set(key, policy);
    else {
      told.add(policy);
      yield found(policy, first, 'the same labels');
    }
  }
  if (selecting.length < 2) return;
  const index = new SelectorIndex(selecting, (policy) => selectorOf(policy) ?? {});
  for (const { labels, name } of inventory.workloadsIn(selecting[0]?.namespace ?? '')) {
    const [first, ...others] = index.taking(labels);
    for (const other of others) {
      if (first === undefined || told.has(other)) continue;
      told.add(other);
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
    message: `"${first.name}" is for ${pods} as well, and only the older of the two counts.`,
    ...(isSame && { severity: 'warning' }),
  };
}
