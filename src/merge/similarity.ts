import { isList, isObject, type JsonValue } from '../model/json.ts';

/** The `path=scalar` leaves of some values, numbered so that comparing two values costs one look a leaf. */
interface Bag {
  /** Number of each different leaf, and how often it occurs. */
  readonly leaves: Int32Array;
  readonly times: Int32Array;
  readonly size: number;
  readonly hasEssential: boolean;
}

export interface LeafPaths {
  /** Leaves that say nothing about identity. */
  readonly ignore?: ((path: string) => boolean) | undefined;
  /** Leaves of which two values must share one to be the same element, when either has any. */
  readonly essential?: ((path: string) => boolean) | undefined;
}

/** How much comparing all with all may cost: pairs of values, and looks at leaves. Enough for some 2,000 changed elements
 *  on each side; what needs more is not decided. */
const maxPairs = 4_000_000;
const maxLooks = 50_000_000;

/** Pairs the values of two lists that are alike, the most alike first; ties go by place. How alike two values are, from 0
 *  to 1, is the share of their `path=scalar` leaves they have in common.
 *  @param accepts  whether two values that are this much alike may be the same element
 *  @returns pairs of indexes; undefined: the lists are too long to be compared */
export function alike(
  left: readonly JsonValue[],
  right: readonly JsonValue[],
  paths: LeafPaths,
  accepts: (score: number, at: number, index: number) => boolean,
): readonly (readonly [number, number])[] | undefined {
  if (left.length === 0 || right.length === 0) return [];
  if (left.length * right.length > maxPairs) return undefined;
  const ids = new Map<string, number>();
  const essentials: boolean[] = [];
  const bagOf = (value: JsonValue) => bag(leavesOf(value, paths.ignore), ids, essentials, paths.essential);
  const here = left.map(bagOf);
  const there = right.map(bagOf);
  const looks = left.length * there.reduce((sum, { leaves }) => sum + leaves.length, 0);
  if (looks > maxLooks) return undefined;
  const counts = new Int32Array(ids.size);
  const byScore = new Map<number, number[]>();
  for (const [at, one] of here.entries()) {
    for (const [each, leaf] of one.leaves.entries()) counts[leaf] = one.times[each] ?? 0;
    for (const [index, other] of there.entries()) {
      const score = similarity(one, other, counts, essentials);
      if (!accepts(score, at, index)) continue;
      const found = byScore.get(score);
      if (found === undefined) byScore.set(score, [at * right.length + index]);
      else found.push(at * right.length + index);
    }
    for (const leaf of one.leaves) counts[leaf] = 0;
  }
  return greedy(byScore, right.length);
}

function greedy(byScore: ReadonlyMap<number, readonly number[]>, width: number): readonly [number, number][] {
  const pairs: [number, number][] = [];
  const found = new Set<number>();
  const taken = new Set<number>();
  for (const score of [...byScore.keys()].sort((a, b) => b - a))
    for (const place of byScore.get(score) ?? []) {
      const at = Math.floor(place / width);
      const index = place % width;
      if (found.has(at) || taken.has(index)) continue;
      found.add(at);
      taken.add(index);
      pairs.push([at, index]);
    }
  return pairs;
}

/** @param counts  how often each leaf occurs in `one` */
function similarity(one: Bag, other: Bag, counts: Int32Array, essentials: readonly boolean[]): number {
  const most = Math.max(one.size, other.size);
  if (most === 0) return 0;
  let common = 0;
  let sharesEssential = false;
  for (let each = 0; each < other.leaves.length; each++) {
    const leaf = other.leaves[each] ?? 0;
    const times = Math.min(counts[leaf] ?? 0, other.times[each] ?? 0);
    if (times === 0) continue;
    common += times;
    if (essentials[leaf] === true) sharesEssential = true;
  }
  if ((one.hasEssential || other.hasEssential) && !sharesEssential) return -1;
  return common / most;
}

function bag(
  leaves: readonly Leaf[],
  ids: Map<string, number>,
  essentials: boolean[],
  isEssential: LeafPaths['essential'],
): Bag {
  const times = new Map<number, number>();
  let hasEssential = false;
  for (const { path, text } of leaves) {
    const known = ids.get(text);
    const id = known ?? ids.size;
    if (known === undefined) {
      ids.set(text, id);
      essentials.push(isEssential?.(path) === true);
    }
    hasEssential ||= essentials[id] === true;
    times.set(id, (times.get(id) ?? 0) + 1);
  }
  return {
    leaves: Int32Array.from(times.keys()),
    times: Int32Array.from(times.values()),
    size: leaves.length,
    hasEssential,
  };
}

interface Leaf {
  readonly path: string;
  readonly text: string;
}

/** `path=scalar` of every scalar in a value; list indexes do not count. */
function leavesOf(value: JsonValue, ignore: LeafPaths['ignore']): readonly Leaf[] {
  const found: Leaf[] = [];
  const walk = (at: JsonValue, path: string): void => {
    if (isList(at)) for (const item of at) walk(item, `${path}[]`);
    else if (isObject(at)) for (const [key, item] of Object.entries(at)) walk(item, `${path}.${key}`);
    else if (ignore?.(path) !== true) found.push({ path, text: `${path}=${JSON.stringify(at)}` });
  };
  walk(value, '');
  return found;
}
