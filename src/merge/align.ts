import { match, type Similarity, type Side } from './match.ts';
import { alike } from './similarity.ts';

/** An element that a merge must decide about, with its place on each side; undefined: not there. */
export interface Row {
  readonly base: number | undefined;
  readonly ours: number | undefined;
  readonly theirs: number | undefined;
  /** Both sides put something else in one place: which of the two it is, only a person knows. */
  readonly isContested?: true;
}

export type RowSide = 'base' | 'ours' | 'theirs';

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

/** Joins what both sides put in the place of elements that both took away. Nothing tells such elements apart but what they
 *  hold, so each may be the other side's version of what was there; to keep both would be what neither side wrote.
 *  @param rows  of one list, as `align` gives them
 *  @param isOpen  whether nothing but its content identifies the element of a row */
export function contested(rows: readonly Row[], isOpen: (row: Row) => boolean): readonly Row[] {
  const shared = rows.filter(
    (row) => row.base !== undefined && row.ours !== undefined && row.theirs !== undefined,
  );
  const gone = placesOf(rows, 'base', shared, (row) => row.ours === undefined && row.theirs === undefined);
  const mine = placesOf(rows, 'ours', shared, (row) => isNewIn(row, 'ours') && isOpen(row));
  const other = placesOf(rows, 'theirs', shared, (row) => isNewIn(row, 'theirs') && isOpen(row));
  const replaced = new Set<Row>();
  const joined: Row[] = [];
  for (const [place, was] of gone) {
    const [here, there] = [mine.get(place) ?? [], other.get(place) ?? []];
    if (here.length === 0 || there.length === 0) continue;
    for (const row of [...was, ...here, ...there]) replaced.add(row);
    for (let index = 0; index < Math.max(was.length, here.length, there.length); index++) {
      const [base, ours, theirs] = [was[index]?.base, here[index]?.ours, there[index]?.theirs];
      if (ours !== undefined || theirs !== undefined) joined.push({ base, ours, theirs, isContested: true });
    }
  }
  return replaced.size === 0 ? rows : [...rows.filter((row) => !replaced.has(row)), ...joined];
}

/** Rows that only one side has and that are like an element that both sides took away: it has another key by now, and most
 *  of it is as it was. */
export function renamed(
  rows: readonly Row[],
  sides: Readonly<Record<RowSide, Side>>,
  likely: Similarity,
): ReadonlySet<Row> {
  const valueIn = (row: Row, side: RowSide) => sides[side].values[row[side] ?? 0] ?? null;
  const gone = rows.filter((row) => row.ours === undefined && row.theirs === undefined);
  const added = (['ours', 'theirs'] as const).map((side) => ({
    side,
    rows: rows.filter((row) => isNewIn(row, side) && likely.isFixed?.(valueIn(row, side)) !== true),
  }));
  if (gone.length === 0 || added.some((each) => each.rows.length === 0)) return new Set();
  const was = gone.map((row) => valueIn(row, 'base'));
  return new Set(
    added.flatMap(({ side, rows: fresh }) => {
      const now = fresh.map((row) => valueIn(row, side));
      const pairs = alike(was, now, likely, (score) => score >= likely.threshold) ?? [];
      return pairs.flatMap(([, index]) => fresh[index] ?? []);
    }),
  );
}

function isNewIn(row: Row, side: 'ours' | 'theirs'): boolean {
  const other = side === 'ours' ? row.theirs : row.ours;
  return row.base === undefined && row[side] !== undefined && other === undefined;
}

/** Some rows of one side, by the shared row that they follow there. */
function placesOf(
  rows: readonly Row[],
  side: RowSide,
  shared: readonly Row[],
  isWanted: (row: Row) => boolean,
): ReadonlyMap<Row | undefined, readonly Row[]> {
  const isShared = new Set(shared);
  const places = new Map<Row | undefined, Row[]>();
  let place: Row | undefined;
  for (const row of [...rows].sort((one, two) => (one[side] ?? 0) - (two[side] ?? 0))) {
    if (row[side] === undefined) continue;
    if (isShared.has(row)) place = row;
    if (!isWanted(row)) continue;
    const there = places.get(place);
    if (there === undefined) places.set(place, [row]);
    else there.push(row);
  }
  return places;
}
