import { canonical } from '../../../model/canonical.ts';
import { isObject, listAt, objectAt, stringsAt, type JsonValue } from '../../../model/json.ts';
import { describeResource, type Resource } from '../../../model/resource.ts';
import { hostOf } from '../../../mesh/declared-tls.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { groupOf } from '../../facts/unrelated.ts';
import { subsetNames } from '../../facts/subsets.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-rules-for-one-host',
  severity: 'warning',
  kinds: ['DestinationRule'],
  summary: 'several DestinationRules in a namespace that set the same thing for a host',
  why: 'Istio merges them: it keeps all subsets, but of two traffic policies, or two subsets with the same name, only the one from the oldest object takes effect. Which object is the oldest depends on the cluster, not on Git, and changes if one is deleted and recreated.',
  fix: 'Merge them into one DestinationRule for the host.',
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
  const who = other === undefined ? 'another DestinationRule' : describeResource(other);
  return {
    resource,
    path,
    ...(what === 'a traffic policy' && { at: 'key' as const }),
    message: `${who.replace(/^./, (first) => first.toUpperCase())} also sets ${what} for this host, and only the one from the older object takes effect.`,
  };
}

/** Whether all rules that define a subset define it identically, so that it does not matter which one takes effect. */
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
