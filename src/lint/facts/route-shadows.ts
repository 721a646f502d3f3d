import { isObject, listAt, stringAt, valueAt, type JsonObject, type YamlPath } from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { takesAllOf, takesEverything } from './match-cover.ts';
import { listIn } from '../../model/list-in.ts';

/** One condition of a route, or a route without any. */
export interface RouteMatch {
  readonly path: YamlPath;
  readonly kind: 'http' | 'tls' | 'tcp';
  /** Index of its route. */
  readonly route: number;
  /** Index among the matches of the route; undefined: it has none. */
  readonly index: number | undefined;
  readonly match: JsonObject;
  /** Whether another VirtualService has the last word on which requests it takes. */
  readonly isDelegated: boolean;
}

/** The matches of a VirtualService in the order they are tried. */
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

/** More matches than this in one place are not compared: nobody writes them by hand. */
const maxInBucket = 64;

/** Earlier matches, found by what they say of the path. */
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
  takerOf({ kind, match }: RouteMatch): RouteMatch | undefined {
    const exact = stringAt(match, 'uri', 'exact')?.toLowerCase();
    const text = exact ?? stringAt(match, 'uri', 'prefix')?.toLowerCase();
    const buckets = [this.#others];
    if (exact !== undefined) buckets.push(this.#exact.get(exact) ?? []);
    if (text !== undefined)
      for (const length of this.#prefixLengths)
        if (length <= text.length) buckets.push(this.#prefix.get(text.slice(0, length)) ?? []);
    for (const bucket of buckets)
      for (const earlier of bucket.slice(0, maxInBucket))
        if (earlier.kind === kind && takesAllOf(earlier.match, match)) return earlier;
    return undefined;
  }
}

/** A match, or a whole route, that changes nothing. */
export interface Shadow {
  readonly path: YamlPath;
  readonly entry: RouteMatch;
  readonly taker: RouteMatch;
  /** Whether no match of the route is left. */
  readonly isWhole: boolean;
}

/** What of a VirtualService no request gets to: whole routes once, at the route. */
export function shadowsOf(resource: Resource, inventory: Inventory): readonly Shadow[] {
  return inventory.once(computeShadows, resource);
}

function computeShadows(resource: Resource): readonly Shadow[] {
  const index = new MatchIndex();
  const byRoute = new Map<string, { readonly entry: RouteMatch; readonly taker: RouteMatch | undefined }[]>();
  for (const entry of matchesOf(resource)) {
    const taker = index.takerOf(entry);
    listIn(byRoute, `${entry.kind} ${String(entry.route)}`).push({ entry, taker });
    index.add(entry);
  }
  return [...byRoute.values()].flatMap((tried): readonly Shadow[] => {
    const taken = tried.flatMap(({ entry, taker }) => (taker === undefined ? [] : [{ entry, taker }]));
    const [first] = taken;
    if (first === undefined) return [];
    const { entry, taker } = first;
    const isWhole = taken.length === tried.length;
    if (isWhole) return [{ entry, taker, isWhole, path: ['spec', entry.kind, entry.route] }];
    return taken.map((each) => ({ ...each, isWhole, path: each.entry.path }));
  });
}
