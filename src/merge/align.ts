import type { JsonValue } from '../model/json.ts';
import { leavesOf, likeness } from './likeness.ts';
import { sameValue } from './same.ts';

/** An element that a merge must decide about, with its place on each side; undefined: not there. */
export interface Row {
  readonly base: number | undefined;
  readonly ours: number | undefined;
  readonly theirs: number | undefined;
}

export interface Side {
  readonly values: readonly JsonValue[];
  /** What identifies an element; undefined: only likeness can. */
  readonly keys: readonly (string | undefined)[];
}

export interface Likeness {
  /** From 0 to 1; what is less alike is not the same element. */
  readonly threshold: number;
  /** The same for elements that have keys, and other ones: then little else may differ. */
  readonly renamed: number;
  /** Leaves that say nothing about identity. */
  readonly ignore?: (path: string) => boolean;
}

/** Comparing all with all stops at lists of this length. */
const maxCompared = 64;

/** Tells which elements of three lists are the same one: by key, then by equality, then by likeness. */
export function align(base: Side, ours: Side, theirs: Side, likely: Likeness): readonly Row[] {
  const oursOfBase = match(base, ours, likely);
  const theirsOfBase = match(base, theirs, likely);
  const rows: Row[] = base.values.map((_, index) => ({
    base: index,
    ours: oursOfBase.get(index),
    theirs: theirsOfBase.get(index),
  }));
  const newOurs = unused(ours, oursOfBase);
  const newTheirs = unused(theirs, theirsOfBase);
  const both = match(pick(ours, newOurs), pick(theirs, newTheirs), {
    ...likely,
    threshold: 2,
    renamed: 2,
  });
  const paired = new Set<number>();
  for (const [at, index] of newOurs.entries()) {
    const partner = both.get(at);
    const their = partner === undefined ? undefined : newTheirs[partner];
    if (their !== undefined) paired.add(their);
    rows.push({ base: undefined, ours: index, theirs: their });
  }
  for (const index of newTheirs)
    if (!paired.has(index)) rows.push({ base: undefined, ours: undefined, theirs: index });
  return rows;
}

function pick(side: Side, indexes: readonly number[]): Side {
  return {
    values: indexes.map((index) => side.values[index] ?? null),
    keys: indexes.map((index) => side.keys[index]),
  };
}

function unused(side: Side, matched: ReadonlyMap<number, number>): readonly number[] {
  const used = new Set(matched.values());
  return side.values.map((_, index) => index).filter((index) => !used.has(index));
}

/** Index in `one` to index in `other`. */
function match(one: Side, other: Side, likely: Likeness): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const taken = new Set<number>();
  const pair = (at: number, index: number) => {
    found.set(at, index);
    taken.add(index);
  };
  const byKey = new Map<string, number>();
  for (const [index, key] of other.keys.entries()) if (key !== undefined) byKey.set(key, index);
  for (const [at, key] of one.keys.entries()) {
    const index = key === undefined ? undefined : byKey.get(key);
    if (index !== undefined) pair(at, index);
  }
  const free = () => other.values.map((_, index) => index).filter((index) => !taken.has(index));
  const open = () => one.values.map((_, index) => index).filter((index) => !found.has(index));
  const [left, right] = [open(), free()];
  if (left.length === 0 || right.length === 0 || left.length * right.length > maxCompared ** 2) return found;
  for (const at of left) {
    const index = free().find((each) => sameValue(one.values[at], other.values[each]));
    if (index !== undefined) pair(at, index);
  }
  const leavesHere = new Map(open().map((at) => [at, leavesOf(one.values[at] ?? null, likely.ignore)]));
  const leavesThere = new Map(free().map((at) => [at, leavesOf(other.values[at] ?? null, likely.ignore)]));
  const scores: { at: number; index: number; score: number }[] = [];
  for (const [at, here] of leavesHere)
    for (const [index, there] of leavesThere) {
      const score = likeness(here, there);
      const isRenamed = one.keys[at] !== undefined && other.keys[index] !== undefined;
      if (score >= (isRenamed ? likely.renamed : likely.threshold)) scores.push({ at, index, score });
    }
  scores.sort((a, b) => b.score - a.score || a.at - b.at || a.index - b.index);
  for (const { at, index } of scores) if (!found.has(at) && !taken.has(index)) pair(at, index);
  return found;
}
