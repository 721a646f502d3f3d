import { listAt, objectAt, stringAt, type JsonValue } from '../model/json.ts';
import { expandHost } from './host.ts';
import type { Inventory } from './inventory.ts';

/** The subsets that some VirtualService sends calls to, mirrors included; by `subsetKey`. */
export function routedSubsets(inventory: Inventory): ReadonlySet<string> {
  return inventory.once('routed subsets', () => {
    const found = new Set<string>();
    for (const { spec, namespace } of inventory.of('VirtualService'))
      for (const destination of destinationsIn(spec)) {
        const { host, subset } = objectAt(destination);
        if (typeof host !== 'string' || typeof subset !== 'string') continue;
        found.add(subsetKey(expandHost(host, namespace, inventory.settings.clusterDomain), subset));
      }
    return found;
  });
}

export function subsetKey(host: string, subset: string): string {
  return `${host} ${subset}`;
}

function destinationsIn(spec: JsonValue): readonly (JsonValue | undefined)[] {
  return ['http', 'tls', 'tcp'].flatMap((protocol) =>
    listAt(spec, protocol).flatMap((route) => [
      ...listAt(route, 'route').map((each) => objectAt(each).destination),
      ...listAt(route, 'mirrors').map((each) => objectAt(each).destination),
      objectAt(route).mirror,
    ]),
  );
}

/** Names of the subsets that a DestinationRule defines. */
export function subsetNames(spec: JsonValue): readonly string[] {
  return listAt(spec, 'subsets').flatMap((subset) => stringAt(subset, 'name') ?? []);
}
