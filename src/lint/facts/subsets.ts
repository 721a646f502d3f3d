import { keyOf } from '../../model/key-of.ts';
import { listAt, stringAt, type JsonValue } from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';
import { expandHost } from '../../k8s/host.ts';
import { HostsCovering } from '../../k8s/hosts-covering.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { mayBeUnrelated } from './unrelated.ts';
import { virtualServicesOf } from '../../mesh/virtual-services.ts';

/** Names of the subsets that a DestinationRule defines. */
export function subsetNames(spec: JsonValue): readonly string[] {
  return listAt(spec, 'subsets').flatMap((subset) => stringAt(subset, 'name') ?? []);
}

/** Whether some VirtualService sends calls, or copies of them, to a subset. */
export function isRouted(host: string, subset: string, inventory: Inventory): boolean {
  const routed = inventory.once(routedSubsets);
  return routed.has(keyOf(host, subset));
}

function routedSubsets(inventory: Inventory) {
  return new Set(
    virtualServicesOf(inventory)
      .flatMap(({ destinations }) => destinations)
      .map((each) => keyOf(each.host, each.subset ?? '')),
  );
}

interface SubsetOwner {
  readonly resource: Resource;
  readonly names: ReadonlySet<string>;
}

function owners(inventory: Inventory): {
  readonly byHost: HostsCovering<SubsetOwner>;
  /** Names of subsets by the first word of the host, and whether the DestinationRule says its namespace. */
  readonly alike: ReadonlyMap<string, ReadonlySet<string>>;
} {
  return inventory.once(computeOwners);
}

function computeOwners(inventory: Inventory) {
  const byHost = new HostsCovering<SubsetOwner>();
  const alike = new Map<string, Set<string>>();
  for (const resource of inventory.of('DestinationRule')) {
    const text = stringAt(resource.spec, 'host') ?? '';
    const host = expandHost(text, resource.namespace, inventory.settings.clusterDomain).toLowerCase();
    const names = subsetNames(resource.spec);
    byHost.add(host, { resource, names: new Set(names) });
    const key = similarity(host, resource.hasNamespace);
    const known = alike.get(key) ?? new Set();
    for (const name of names) known.add(name);
    alike.set(key, known);
  }
  return { byHost, alike };
}

function similarity(host: string, hasNamespace: boolean): string {
  return keyOf(host.split('.', 1)[0], hasNamespace);
}

/** The first DestinationRule for a host that surely applies to who asks, and whether any of them has the subset.
 *  @param from  who asks; an object without a namespace may mean the same host as another that has one */
export function findSubset(
  host: string,
  subset: string,
  from: Resource,
  inventory: Inventory,
): { readonly isDefined: boolean; readonly rule: Resource | undefined } {
  const { byHost, alike } = owners(inventory);
  const own = byHost.covering(host);
  return {
    isDefined:
      own.some(({ names }) => names.has(subset)) ||
      alike.get(similarity(host, !from.hasNamespace))?.has(subset) === true,
    rule: own.find(({ resource }) => !mayBeUnrelated(resource, from))?.resource,
  };
}
