import type { JsonValue } from '../model/json.ts';
import { canonical } from '../model/canonical.ts';
import { alike, type LeafPaths } from './similarity.ts';

export interface Side {
  readonly values: readonly JsonValue[];
  /** What identifies an element; undefined: only its value can. Elements of one key are told apart by what they hold. */
  readonly keys: readonly (string | undefined)[];
}

export interface Similarity extends LeafPaths {
  /** From 0 to 1; what is less alike is not the same element. */
  readonly threshold: number;
  /** The same for elements that have keys, and other ones: then little else may differ. */
  readonly renamed: number;
  /** What is another element as soon as its key is another one, however much it is alike. */
  readonly isFixed?: (value: JsonValue) => boolean;
  /** What stays of an element when it is given another name: elements alike in all of it are the same. */
  readonly body?: (value: JsonValue) => JsonValue;
}

/** Tells which elements of two lists are the same one: by key, then by equality, then by similarity. The cost is linear in
 *  what is equal or has a key of its own; only the rest is compared all with all.
 *  @param likely  undefined: only keys and equality count
 *  @returns index in `one` to index in `other`; undefined: too many elements differ for that comparison */
export function match(
  one: Side,
  other: Side,
  likely: Similarity | undefined,
): ReadonlyMap<number, number> | undefined {
  const found = new Map<number, number>();
  const taken = new Set<number>();
  const pair = (at: number, index: number) => {
    found.set(at, index);
    taken.add(index);
  };
  for (const { here, there } of keyGroups(one, other)) {
    const pairs = matchGroup(one, other, here, there, likely);
    if (pairs === undefined) return undefined;
    for (const [at, index] of pairs) pair(at, index);
  }
  const open = () => one.values.flatMap((_, index) => (found.has(index) ? [] : [index]));
  const free = () => other.values.flatMap((_, index) => (taken.has(index) ? [] : [index]));
  for (const [at, index] of equal(one, other, open(), free())) pair(at, index);
  if (likely === undefined) return found;
  const { body } = likely;
  if (body !== undefined) {
    const bodies = (side: Side): Side => ({ ...side, values: side.values.map(body) });
    const [here, there] = [open(), free()];
    if (here.length > 0 && there.length > 0)
      for (const [at, index] of equal(bodies(one), bodies(other), here, there)) pair(at, index);
  }
  const isLoose = (side: Side) => (index: number) => likely.isFixed?.(side.values[index] ?? null) !== true;
  const [left, right] = [open().filter(isLoose(one)), free().filter(isLoose(other))];
  const pairs = alike(valuesAt(one, left), valuesAt(other, right), likely, (score, at, index) => {
    const haveKeys = one.keys[left[at] ?? 0] !== undefined && other.keys[right[index] ?? 0] !== undefined;
    return score >= (haveKeys ? likely.renamed : likely.threshold);
  });
  if (pairs === undefined) return undefined;
  for (const [at, index] of pairs) pair(left[at] ?? 0, right[index] ?? 0);
  return found;
}

interface KeyGroup {
  readonly here: number[];
  readonly there: number[];
}

function keyGroups(one: Side, other: Side): readonly KeyGroup[] {
  const groups = new Map<string, KeyGroup>();
  for (const [at, key] of one.keys.entries()) {
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { here: [at], there: [] });
    else group.here.push(at);
  }
  for (const [index, key] of other.keys.entries()) if (key !== undefined) groups.get(key)?.there.push(index);
  return [...groups.values()].filter(({ there }) => there.length > 0);
}

type Pairs = readonly (readonly [number, number])[];

/** Elements of one key. Several of them are told apart by what they hold, not by where they stand: an edit of one must not
 *  land on another when somebody reorders them. */
function matchGroup(
  one: Side,
  other: Side,
  here: readonly number[],
  there: readonly number[],
  likely: Similarity | undefined,
): Pairs | undefined {
  const [at, index] = [here[0] ?? 0, there[0] ?? 0];
  if (here.length === 1 && there.length === 1) return [[at, index]];
  const same = equal(one, other, here, there);
  const found = new Set(same.map(([each]) => each));
  const taken = new Set(same.map(([, each]) => each));
  const [left, right] = [here.filter((each) => !found.has(each)), there.filter((each) => !taken.has(each))];
  const byPlace = () => left.slice(0, right.length).map((each, place) => [each, right[place] ?? 0] as const);
  if (likely === undefined) return [...same, ...byPlace()];
  const pairs = alike(valuesAt(one, left), valuesAt(other, right), { ignore: likely.ignore }, () => true);
  return pairs && [...same, ...pairs.map(([l, r]) => [left[l] ?? 0, right[r] ?? 0] as const)];
}

/** Equal elements, in order. */
function equal(one: Side, other: Side, here: readonly number[], there: readonly number[]): Pairs {
  if (here.length === 0 || there.length === 0) return [];
  const waiting = new Map<string, number[]>();
  for (const index of [...there].reverse()) {
    const text = canonical(other.values[index] ?? null);
    const same = waiting.get(text);
    if (same === undefined) waiting.set(text, [index]);
    else same.push(index);
  }
  return here.flatMap((at) => {
    const index = waiting.get(canonical(one.values[at] ?? null))?.pop();
    return index === undefined ? [] : [[at, index] as const];
  });
}

function valuesAt(side: Side, indexes: readonly number[]): readonly JsonValue[] {
  return indexes.map((index) => side.values[index] ?? null);
}
