import { canonical } from '../../../model/canonical.ts';
import { isObject, listAt, objectAt, stringsAt, type JsonValue } from '../../../model/json.ts';
import { describeResource, type Resource } from '../../../model/resource.ts';
import { hostOf } from '../../../mesh/declared-tls.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { groupOf } from '../../facts/strangers.ts';
import { subsetNames } from '../../facts/subsets.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-rules-for-one-host',
  severity: 'warning',
  kinds: ['DestinationRule'],
  summary: 'several DestinationRules of a namespace that set the same thing for one host',
  why: 'Istio puts them together: subsets add up, but of two traffic policies, or two subsets of a name, only that of the oldest object counts. Which one that is depends on the cluster, not on Git, and changes when one is deleted and applied again.',
  fix: 'Write one DestinationRule for the host.',
  equivalent: ['KIA0201'],
  see: [
    'https://kiali.io/docs/features/validations/',
    'https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-large-virtual-services-and-destination-rules-into-multiple-resources',
  ],
  *check(inventory) {
    for (const rules of groupsOf(inventory)) {
      if (rules.length < 2) continue;
      const policies = rules.filter(({ spec }) => isObject(spec.trafficPolicy));
      const disagree = new Set(policies.map(({ spec }) => JSON.stringify(spec.trafficPolicy))).size > 1;
      const bySubset = new Map<string, Set<Resource>>();
      for (const each of rules)
        for (const name of subsetNames(each.spec))
          bySubset.set(name, (bySubset.get(name) ?? new Set<Resource>()).add(each));
      for (const resource of rules) {
        const subset = subsetNames(resource.spec).findIndex((name) => (bySubset.get(name)?.size ?? 0) > 1);
        if (disagree && policies.includes(resource))
          yield finding(resource, ['spec', 'trafficPolicy'], 'a traffic policy', policies);
        else if (subset >= 0 && !isRepeated(resource, subset, rules))
          yield finding(resource, ['spec', 'subsets', subset], 'this subset', rules);
      }
    }
  },
});

function finding(resource: Resource, path: (string | number)[], what: string, rules: readonly Resource[]) {
  const [other] = rules.filter((each) => each !== resource);
  const who = other === undefined ? 'another rule' : describeResource(other);
  return {
    resource,
    path,
    ...(what === 'a traffic policy' && { at: 'key' as const }),
    message: `${who.replace(/^./, (first) => first.toUpperCase())} sets ${what} for the same host too, and only that of the older object counts.`,
  };
}

/** Whether all rules that define a subset define it alike, so that it does not matter whose counts. */
function isRepeated(resource: Resource, index: number, rules: readonly Resource[]): boolean {
  const own = objectAt(listAt(resource.spec, 'subsets')[index]);
  const alike = rules
    .flatMap(({ spec }) => listAt(spec, 'subsets'))
    .filter((subset: JsonValue) => objectAt(subset).name === own.name);
  return new Set(alike.map((subset) => canonical(subset))).size === 1;
}

/** Rules that Istio merges: of one namespace, host, audience, and choice of callers. */
function groupsOf(inventory: Inventory): Iterable<readonly Resource[]> {
  const groups = new Map<string, Map<string, Resource>>();
  for (const resource of inventory.of('DestinationRule')) {
    const host = hostOf(resource, inventory);
    if (host === '' || hasPlaceholder(host)) continue;
    const { namespace, spec } = resource;
    const key = JSON.stringify([
      namespace,
      groupOf(resource),
      host,
      [...stringsAt(spec, 'exportTo')].sort(),
      spec.workloadSelector ?? null,
    ]);
    // Written twice under one name, the second replaces the first.
    const group = groups.get(key) ?? new Map<string, Resource>();
    groups.set(key, group.set(resource.name, resource));
  }
  return [...groups.values()].map((group) => [...group.values()]);
}
