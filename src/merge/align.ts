import { match, type Similarity, type Side } from './match.ts';

/** An element that a merge must decide about, with its place on each side; undefined: not there. */
export interface Row {
  readonly base: number | undefined;
  readonly ours: number | undefined;
  readonly theirs: number | undefined;
}

/** Tells which elements of three lists are the same one.
 *  @returns undefined: too many elements differ to tell; to put the lists together all the same would bring back what
 *  either side removed */
export function align(base: Side, ours: Side, theirs: Side, likely: Similarity): readonly Row[] | undefined {
  const oursOfBase = match(base, ours, likely);
  const theirsOfBase = match(base, theirs, likely);
  if (oursOfBase === undefined || theirsOfBase === undefined) return undefined;
  const rows: Row[] = base.values.map((_, index) => ({
    base: index,
    ours: oursOfBase.get(index),
    theirs: theirsOfBase.get(index),
  }));
  const newOurs = unused(ours, oursOfBase);
  const newTheirs = unused(theirs, theirsOfBase);
  const both = match(pick(ours, newOurs), pick(theirs, newTheirs), undefined);
  const paired = new Set<number>();
  for (const [at, index] of newOurs.entries()) {
    const partner = both?.get(at);
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
