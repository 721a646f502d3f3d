import { isList, isObject, type JsonValue, type YamlPath } from '../model/json.ts';
import type { Written, WrittenEntry } from '../yaml/blocks.ts';
import { commentsIn } from '../yaml/comments.ts';
import type { Style } from '../yaml/style.ts';
import { align, contested, renamed, type Row, type RowSide } from './align.ts';
import { renumber, type MergeDisagreement } from './disagreement.ts';
import { isKnownByContent, keysIn, similarityIn } from './identity.ts';
import type { Side } from './match.ts';
import { mergeOrder } from './order.ts';
import { nothing, plainNode } from './plain-node.ts';
import { sameValue } from '../model/same-value.ts';
import { commentLines, dashed, dedented, threeWay, transplanted, withBreaks } from './text.ts';
import { isJoint, isWholeList, mustStayWhole } from './whole.ts';

export type Author = 'people' | 'templates';

/** What is true of the whole document. */
export interface MergeContext {
  readonly group: string;
  readonly kind: string;
  /** Who wrote the other side. */
  readonly by: Author;
  readonly ours: Style;
  readonly theirs: Style;
  readonly disagreements: MergeDisagreement[];
}

/** What a part of the document becomes. Its text may still say something else where a part is not written in block style;
 *  the value decides. */
export interface MergedNode {
  readonly value: JsonValue;
  readonly text: string;
}

interface Sides {
  readonly base: WrittenEntry | undefined;
  readonly ours: WrittenEntry | undefined;
  readonly theirs: WrittenEntry | undefined;
}

/** Merges two collections of the same kind.
 *  @param base  undefined, or of another kind: both sides began with nothing */
export function mergeCollection(
  base: Written | undefined,
  ours: Written,
  theirs: Written,
  path: YamlPath,
  context: MergeContext,
): MergedNode {
  const isMap = isObject(ours.value);
  const origin = originOf(base, ours);
  const rows = isMap ? alignKeys(origin, ours, theirs) : alignItems(origin, ours, theirs, path, context);
  const collections = { origin, ours, theirs };
  if (rows === undefined) return undecided(base, collections, path, context);
  const begun = context.disagreements.length;
  const kept = new Map<number, { outcome: MergedNode; key: string }>();
  const dropped = new Map<number, string>();
  const said = new Map<number, { from: number; to: number }>();
  for (const [index, row] of rows.entries()) {
    const sides = {
      base: entryAt(origin, row.base),
      ours: entryAt(ours, row.ours),
      theirs: entryAt(theirs, row.theirs),
    };
    const key = sides.ours?.key ?? sides.theirs?.key ?? '';
    const step = isMap ? key : (row.ours ?? row.theirs ?? 0);
    const from = context.disagreements.length;
    const outcome =
      row.isContested === true
        ? contest(sides, [...path, step], context)
        : decide(sides, collections, [...path, step], context, !isMap);
    said.set(index, { from, to: context.disagreements.length });
    if (typeof outcome === 'string') dropped.set(index, outcome);
    else if (outcome !== undefined) kept.set(index, { outcome, key });
  }
  const isThere = (index: number) => kept.has(index) || dropped.has(index);
  const { order, bothMoved } = orderOf(rows, isThere);
  if (bothMoved && !isMap)
    context.disagreements.push({ path, base: origin.value, ours: ours.value, theirs: theirs.value });
  const parts = order.map((index) => kept.get(index)?.outcome.text ?? dropped.get(index) ?? '');
  const alive = order.flatMap((index) => kept.get(index) ?? []);
  if (!isMap) {
    const rowsAlive = order.filter((index) => kept.has(index));
    for (const [place, index] of rowsAlive.entries())
      renumber(context.disagreements, said.get(index), path.length, place);
  }
  const tail = threeWay(origin.tail, ours.tail, theirs.tail, (text) => withBreaks(text, context.ours));
  const value: JsonValue = isMap
    ? Object.fromEntries(alive.map(({ key, outcome }) => [key, outcome.value]))
    : alive.map(({ outcome }) => outcome.value);
  const versions = { base: base?.value, ours: ours.value, theirs: theirs.value, merged: value };
  if (mustStayWhole({ ...context, path }, versions)) {
    context.disagreements.splice(begun);
    return disputed(base, ours, theirs, path, context);
  }
  return { value, text: joined([...parts, tail], context.ours) };
}

/** Lists of which too many elements differ to match them: one side's, whole. */
function undecided(
  base: Written | undefined,
  collections: Collections,
  path: YamlPath,
  context: MergeContext,
): MergedNode {
  const { ours, theirs } = collections;
  if (!sameValue(base?.value, ours.value)) return disputed(base, ours, theirs, path, context);
  const entries = theirs.entries.map((entry) => planted(entry, collections, context));
  return { value: theirs.value, text: joined([...entries, ours.tail], context.ours) };
}

/** Ours, byte for byte, with a conflict about all of it. */
function disputed(
  base: Written | undefined,
  ours: Written,
  theirs: Written,
  path: YamlPath,
  { disagreements, ours: style }: MergeContext,
): MergedNode {
  if (!sameValue(base?.value, theirs.value))
    disagreements.push({ path, base: base?.value, ours: ours.value, theirs: theirs.value });
  const entries = ours.entries.map(({ lead, body }) => lead + body);
  return { value: ours.value, text: joined([...entries, ours.tail], style) };
}

function originOf(base: Written | undefined, ours: Written): Written {
  if (base === undefined || !sameKind(base.value, ours.value)) return nothing;
  return base.kind === 'leaf' ? plainNode(base.value) : base;
}

interface Collections {
  readonly origin: Written;
  readonly ours: Written;
  readonly theirs: Written;
}

/** The result for one entry: its outcome, the comments that outlive it, or nothing. */
function decide(
  { base, ours, theirs }: Sides,
  collections: Collections,
  path: YamlPath,
  context: MergeContext,
  isElement: boolean,
): MergedNode | string | undefined {
  const disagree = () => {
    context.disagreements.push({
      path,
      base: base?.value.value,
      ours: ours?.value.value,
      theirs: theirs?.value.value,
    });
  };
  if (ours === undefined) {
    if (theirs === undefined) return undefined;
    if (base === undefined) return { value: theirs.value.value, text: planted(theirs, collections, context) };
    if (!sameValue(base.value.value, theirs.value.value)) disagree();
    return undefined;
  }
  if (theirs === undefined) {
    if (base === undefined) return asWritten(ours);
    if (sameValue(base.value.value, ours.value.value)) return orphans(ours, base, collections.ours.column);
    // Additions alone are half of what people wrote where nobody says that they stand on their own.
    const additions =
      context.by === 'people' || isJoint({ ...context, path })
        ? undefined
        : withoutTemplate(base, ours, collections, path, context);
    if (additions === undefined) {
      disagree();
      return asWritten(ours);
    }
    return isEmpty(additions.value) ? orphans(ours, base, collections.ours.column) : additions;
  }
  const begun = context.disagreements.length;
  const together = mergeEntry({ base, ours, theirs }, collections, path, context);
  // Both added an element under one name: a mixture of the two is what neither wrote.
  const isMixed = ![ours, theirs].some(({ value }) => sameValue(value.value, together.value));
  if (!isElement || base !== undefined || !isMixed) return together;
  context.disagreements.splice(begun);
  return contest({ base, ours, theirs }, path, context);
}

/** A map that the templates drop and people only added to or took from: their additions. */
function withoutTemplate(
  base: WrittenEntry,
  ours: WrittenEntry,
  collections: Collections,
  path: YamlPath,
  context: MergeContext,
): MergedNode | undefined {
  if (ours.key === '' || !isObject(base.value.value) || !isObject(ours.value.value)) return undefined;
  const empty: WrittenEntry = { ...base, lead: '', body: '', value: { ...nothing, kind: 'map', value: {} } };
  const disagreements: MergeDisagreement[] = [];
  const merged = mergeEntry({ base, ours, theirs: empty }, collections, path, { ...context, disagreements });
  return disagreements.length === 0 ? merged : undefined;
}

/** Ours, of what both sides put in one place. */
function contest(
  { base, ours, theirs }: Sides,
  path: YamlPath,
  context: MergeContext,
): MergedNode | undefined {
  const values = { base: base?.value.value, ours: ours?.value.value, theirs: theirs?.value.value };
  context.disagreements.push({ path, ...values });
  return ours && asWritten(ours);
}

function asWritten(entry: WrittenEntry): MergedNode {
  return { value: entry.value.value, text: entry.lead + entry.body };
}

function planted(entry: WrittenEntry, { ours, theirs }: Collections, context: MergeContext): string {
  return transplanted(
    entry,
    { column: theirs.column, style: context.theirs },
    { column: ours.column, style: context.ours },
  );
}

/** Comments that people wrote at an entry that goes. */
function orphans(entry: WrittenEntry, base: WrittenEntry, column: number): string | undefined {
  const known = commentsIn(base.lead + base.body);
  const own = commentsIn(entry.lead + entry.body).filter((comment) => !known.includes(comment));
  return own.length === 0 ? undefined : commentLines(own, column);
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function mergeEntry(
  { base, ours, theirs }: { base: WrittenEntry | undefined; ours: WrittenEntry; theirs: WrittenEntry },
  collections: Collections,
  path: YamlPath,
  context: MergeContext,
): MergedNode {
  const plain = (entry: WrittenEntry, column: number) => dedented(entry.lead + entry.body, column);
  const here = plain(ours, collections.ours.column);
  const there = plain(theirs, collections.theirs.column);
  const before = base === undefined ? undefined : plain(base, collections.origin.column);
  // What refers to an anchor may read the same and mean something else.
  const [was, mine, other] = [base?.value.value, ours.value.value, theirs.value.value];
  if (here === there && sameValue(mine, other)) return asWritten(ours);
  if (before === there && sameValue(was, other)) return asWritten(ours);
  if (before === here && sameValue(was, mine))
    return { value: other, text: planted(theirs, collections, context) };

  const lead = mergedLead(base, ours, theirs, collections, context);
  const inner = { ours: ours.value, theirs: theirs.value, base: base?.value };
  const isBlock = inner.ours.kind !== 'leaf' && inner.ours.kind === inner.theirs.kind;
  if (isBlock) {
    const merged = mergeCollection(inner.base, inner.ours, inner.theirs, path, context);
    const head = threeWay(base?.head ?? ours.head, ours.head, theirs.head, () => ours.head);
    if (isEmpty(merged.value)) {
      // The last step writes `{}` over the body; comments that outlive the entries in it move above.
      const outliving = commentLines(commentsIn(merged.text), collections.ours.column);
      return { value: merged.value, text: lead + outliving + ours.body };
    }
    const text = head === '' ? dashed(merged.text, collections.ours.column) : head + merged.text;
    return { value: merged.value, text: lead + text };
  }
  if ([base, ours, theirs].some((entry) => entry !== undefined && isInexact(entry))) {
    context.disagreements.push({ path, base: was, ours: mine, theirs: other });
    return asWritten(ours);
  }
  const value = mergeValue(inner.base?.value, inner.ours.value, inner.theirs.value, path, context);
  if (sameValue(value, inner.ours.value)) return { value, text: lead + withPost(base, ours, theirs) };
  // What people only wrote differently keeps its form where it can; the last step sets the value in it.
  const isUntouched =
    base !== undefined &&
    dedented(base.body, collections.origin.column) === dedented(ours.body, collections.ours.column);
  const isOtherForm = !isUntouched && formOf(inner.ours.value) === formOf(inner.theirs.value);
  const isTheirs = sameValue(value, inner.theirs.value) && !isOtherForm;
  if (!isTheirs) return { value, text: lead + ours.body };
  return { value, text: lead + planted({ ...theirs, lead: '' }, collections, context) };
}

/** Whether a value holds numbers that can't be told apart once they are read. */
function isInexact({ body }: WrittenEntry): boolean {
  return /(?:^|[[{,:\s])[-+]?\d{16,}(?=$|[\s,\]}])/m.test(body);
}

function formOf(value: JsonValue): string {
  return isList(value) ? 'list' : isObject(value) ? 'map' : 'scalar';
}

/** Our entry, with the comment behind it brought up to date when only the template changed that. */
function withPost(base: WrittenEntry | undefined, ours: WrittenEntry, theirs: WrittenEntry): string {
  const [before, here, there] = [base?.post, ours.post, theirs.post];
  if (before === undefined || here === undefined || there === undefined) return ours.body;
  if (before.trim() !== here.trim() || there.trim() === before.trim()) return ours.body;
  const end = /\r?\n?$/.exec(here)?.[0] ?? '';
  return ours.body.slice(0, ours.body.length - here.length) + there.trimEnd() + end;
}

function mergedLead(
  base: WrittenEntry | undefined,
  ours: WrittenEntry,
  theirs: WrittenEntry,
  collections: Collections,
  context: MergeContext,
): string {
  const before = base === undefined ? '' : dedented(base.lead, collections.origin.column);
  const here = dedented(ours.lead, collections.ours.column);
  const there = dedented(theirs.lead, collections.theirs.column);
  if (here !== before || there === before) return ours.lead;
  return planted({ ...theirs, body: '', head: '', value: nothing }, collections, context);
}

/** What both sides make of a value, whatever it is written like. */
export function mergeValue(
  base: JsonValue | undefined,
  ours: JsonValue,
  theirs: JsonValue,
  path: YamlPath,
  context: MergeContext,
): JsonValue {
  if (sameValue(ours, theirs) || sameValue(base, theirs)) return ours;
  if (sameValue(base, ours)) return theirs;
  if (sameKind(ours, theirs) && (isObject(ours) || isList(ours))) {
    const origin = base === undefined ? undefined : plainNode(base);
    return mergeCollection(origin, plainNode(ours), plainNode(theirs), path, context).value;
  }
  context.disagreements.push({ path, base, ours, theirs });
  return ours;
}

function sameKind(one: JsonValue, other: JsonValue): boolean {
  return (isObject(one) && isObject(other)) || (isList(one) && isList(other));
}

function entryAt(collection: Written, index: number | undefined): WrittenEntry | undefined {
  return index === undefined ? undefined : collection.entries[index];
}

function alignKeys(base: Written, ours: Written, theirs: Written): readonly Row[] {
  const places = [base, ours, theirs].map(
    ({ entries }) => new Map(entries.map(({ key }, index) => [key, index])),
  );
  const keys = new Set(places.flatMap((place) => [...place.keys()]));
  return [...keys].map((key) => ({
    base: places[0]?.get(key),
    ours: places[1]?.get(key),
    theirs: places[2]?.get(key),
  }));
}

function alignItems(
  base: Written,
  ours: Written,
  theirs: Written,
  path: YamlPath,
  context: MergeContext,
): readonly Row[] | undefined {
  const place = { group: context.group, kind: context.kind, path };
  const side = ({ entries }: Written): Side => {
    const values = entries.map(({ value }) => value.value);
    return { values, keys: keysIn(place, values) };
  };
  const sides = { base: side(base), ours: side(ours), theirs: side(theirs) };
  const likely = similarityIn(place);
  const rows = align(sides.base, sides.ours, sides.theirs, likely);
  if (rows === undefined || isWholeList(place)) return rows;
  const others = renamed(rows, sides, likely);
  const valueOf = (row: Row) => (entryAt(ours, row.ours) ?? entryAt(theirs, row.theirs))?.value.value ?? null;
  return contested(rows, (row) => others.has(row) || isKnownByContent(place, valueOf(row)));
}

function orderOf(rows: readonly Row[], isThere: (index: number) => boolean): ReturnType<typeof mergeOrder> {
  const inOrder = (side: RowSide) =>
    rows
      .map((row, index) => ({ at: row[side], index }))
      .filter(({ at, index }) => at !== undefined && isThere(index))
      .sort((a, b) => (a.at ?? 0) - (b.at ?? 0))
      .map(({ index }) => index);
  return mergeOrder(inOrder('base'), inOrder('ours'), inOrder('theirs'));
}

/** Parts that each end their last line, but for the very last. */
function joined(parts: readonly string[], style: Style): string {
  const some = parts.filter((part) => part !== '');
  return some
    .map((part, index) => (index < some.length - 1 && !part.endsWith('\n') ? part + style.newline : part))
    .join('');
}
