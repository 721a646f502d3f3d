import { isObject, listAt, stringAt, valueAt, type JsonObject, type YamlPath } from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { takesAllOf, takesEverything } from './match-cover.ts';
import { listIn } from '../../model/list-in.ts';

/** One match of a route, or a route without any. */
export interface RouteMatch {
  readonly path: YamlPath;
  readonly kind: 'http' | 'tls' | 'tcp';
  /** Index of its route. */
  readonly route: number;
  /** Index among the matches of the route; undefined: it has none. */
  readonly index: number | undefined;
  readonly match: JsonObject;
  /** Whether another VirtualService decides which requests it matches. */
  readonly isDelegated: boolean;
}

/** The matches of a VirtualService in the order of evaluation. */
export function matchesOf(
  { spec }: Resource,
  kinds: readonly RouteMatch['kind'][] = ['http', 'tls', 'tcp'],
): readonly RouteMatch[] {
  return kinds.flatMap((kind) =>
    listAt(spec, kind).flatMap((route, at): RouteMatch[] => {
      if (!isObject(route)) return [];
      const common = { kind, route: at, isDelegated: isObject(valueAt(route, 'delegate')) };
      const path = ['spec', kind, at];
      const matches = listAt(route, 'match');
      if (matches.length === 0) return [{ ...common, path, index: undefined, match: {} }];
      return matches.flatMap((match, index) =>
        isObject(match) ? [{ ...common, path: [...path, 'match', index], index, match }] : [],
      );
    }),
  );
}

/** A match is compared with this many that are alike, so that the work does not grow with the square of them. */
const maxInBucket = 64;

/** Earlier matches, indexed by their path. */
export class MatchIndex {
  readonly #exact = new Map<string, RouteMatch[]>();
  readonly #prefix = new Map<string, RouteMatch[]>();
  readonly #prefixLengths = new Set<number>();
  readonly #others: RouteMatch[] = [];

  add(entry: RouteMatch): void {
    if (entry.isDelegated) return;
    const { match } = entry;
    const exact = stringAt(match, 'uri', 'exact')?.toLowerCase();
    const prefix = stringAt(match, 'uri', 'prefix')?.toLowerCase();
    if (exact !== undefined) listIn(this.#exact, exact).push(entry);
    else if (prefix !== undefined && !takesEverything(match)) {
      this.#prefixLengths.add(prefix.length);
      listIn(this.#prefix, prefix).push(entry);
    } else this.#others.push(entry);
  }

  /** The first earlier match that takes all that this one does. */
  takerOf(later: RouteMatch): RouteMatch | undefined {
    for (const bucket of this.#bucketsFor(later))
      for (const earlier of bucket.slice(0, maxInBucket))
        if (earlier.kind === later.kind && takesAllOf(earlier.match, later.match)) return earlier;
    return undefined;
  }

  /** Whether `takerOf` looks at every earlier match that may take all that this one does. */
  comparesAll(later: RouteMatch): boolean {
    return this.#bucketsFor(later).every((bucket) => bucket.length <= maxInBucket);
  }

  #bucketsFor({ match }: RouteMatch): readonly (readonly RouteMatch[])[] {
    const exact = stringAt(match, 'uri', 'exact')?.toLowerCase();
    const text = exact ?? stringAt(match, 'uri', 'prefix')?.toLowerCase();
    const buckets: (readonly RouteMatch[])[] = [this.#others];
    if (exact !== undefined) buckets.push(this.#exact.get(exact) ?? []);
    if (text !== undefined)
      for (const length of this.#prefixLengths)
        if (length <= text.length) buckets.push(this.#prefix.get(text.slice(0, length)) ?? []);
    return buckets;
  }
}

/** A match, or a whole route, without effect. */
export interface Shadow {
  readonly path: YamlPath;
  readonly entry: RouteMatch;
  readonly taker: RouteMatch;
  /** Whether no match of the route is left. */
  readonly isWhole: boolean;
}

/** The parts of a VirtualService that no request reaches: whole routes once, at the route. */
export function shadowsOf(resource: Resource, inventory: Inventory): readonly Shadow[] {
  return inventory.once(computeShadows, resource).shadows;
}

/** The matches of a VirtualService that were not compared with all earlier ones. */
export function uncomparedMatches(resource: Resource, inventory: Inventory): readonly RouteMatch[] {
  return inventory.once(computeShadows, resource).uncompared;
}

function computeShadows(resource: Resource) {
  const uncompared: RouteMatch[] = [];
  const index = new MatchIndex();
  const byRoute = new Map<string, { readonly entry: RouteMatch; readonly taker: RouteMatch | undefined }[]>();
  for (const entry of matchesOf(resource)) {
    const taker = index.takerOf(entry);
    if (taker === undefined && !index.comparesAll(entry)) uncompared.push(entry);
    listIn(byRoute, `${entry.kind} ${String(entry.route)}`).push({ entry, taker });
    index.add(entry);
  }
  const shadows = [...byRoute.values()].flatMap((tried): readonly Shadow[] => {
    const taken = tried.flatMap(({ entry, taker }) => (taker === undefined ? [] : [{ entry, taker }]));
    const [first] = taken;
    if (first === undefined) return [];
    const { entry, taker } = first;
    const isWhole = taken.length === tried.length;
    if (isWhole) return [{ entry, taker, isWhole, path: ['spec', entry.kind, entry.route] }];
    return taken.map((each) => ({ ...each, isWhole, path: each.entry.path }));
  });
  return { shadows, uncompared };
}
