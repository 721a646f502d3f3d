import { listAt, stringAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { covers, expandHost } from './host.ts';
import type { Inventory } from './inventory.ts';
import { listIn } from './virtual-services.ts';

interface SubsetOwner {
  readonly resource: Resource;
  readonly host: string;
  readonly names: ReadonlySet<string>;
}

function owners(inventory: Inventory): {
  readonly exact: ReadonlyMap<string, readonly SubsetOwner[]>;
  readonly wide: readonly SubsetOwner[];
  /** By the first word of the host. */
  readonly alike: ReadonlyMap<string, readonly SubsetOwner[]>;
} {
  return inventory.once('subsets by host', () => {
    const exact = new Map<string, SubsetOwner[]>();
    const alike = new Map<string, SubsetOwner[]>();
    const wide: SubsetOwner[] = [];
    for (const resource of inventory.of('DestinationRule')) {
      const text = stringAt(resource.spec, 'host') ?? '';
      const host = expandHost(text, resource.namespace, inventory.settings.clusterDomain).toLowerCase();
      const names = listAt(resource.spec, 'subsets').flatMap((subset) => stringAt(subset, 'name') ?? []);
      const owner = { resource, host, names: new Set(names) };
      if (host.startsWith('*')) wide.push(owner);
      else listIn(exact, host).push(owner);
      listIn(alike, firstWord(host)).push(owner);
    }
    return { exact, wide, alike };
  });
}

function firstWord(host: string): string {
  return host.split('.', 1)[0] ?? '';
}

/** DestinationRules for a host, and whether one of them has the subset.
 *  @param from  who asks; an object without a namespace may mean the same host as another that has one */
export function findSubset(
  host: string,
  subset: string,
  from: Resource,
  inventory: Inventory,
): { readonly isDefined: boolean; readonly rules: readonly Resource[] } {
  const { exact, wide, alike } = owners(inventory);
  const own = [...(exact.get(host) ?? []), ...wide.filter((each) => covers(each.host, host))];
  const strangers = (alike.get(firstWord(host)) ?? []).filter(
    ({ resource }) => resource.hasNamespace !== from.hasNamespace,
  );
  return {
    isDefined: [...own, ...strangers].some(({ names }) => names.has(subset)),
    rules: own.map(({ resource }) => resource),
  };
}
