import { isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { isList, isObject, valueAt, type JsonValue } from '../model/json.ts';
import {
  contentEnd,
  dashOf,
  isBlockScalar,
  isFlow,
  isUnwritten,
  nextLineOf,
  pairEnd,
  startOf,
} from './locate.ts';
import type { YamlDocument, YamlStream } from './read.ts';
import { styleOf, type Style } from './style.ts';

/** A value as it is written. A map or list in block style comes in whole lines: its text is that of its entries, one
 *  after the other, and its tail. Everything else (scalars, flow style, aliases, odd layouts) is a leaf. */
export interface Written {
  readonly kind: 'map' | 'list' | 'leaf';
  readonly value: JsonValue;
  /** Spaces before each entry; 0 for leaves. */
  readonly column: number;
  readonly entries: readonly WrittenEntry[];
  /** Comments and blank lines after the last entry. */
  readonly tail: string;
}

export interface WrittenEntry {
  /** The key of a map's entry; empty for a list's. */
  readonly key: string;
  /** Comment and blank lines above. */
  readonly lead: string;
  /** The entry's own lines. */
  readonly body: string;
  /** For a collection of a map: the line with its key, which its entries follow. */
  readonly head: string;
  /** For a collection: as if it stood alone, so a list item's first line has a space in place of its dash. */
  readonly value: Written;
  /** For a leaf on one line: what stands behind it (a comment, the line break). undefined: it has no one such place. */
  readonly post: string | undefined;
}

/** One document of a stream as text: `open + content` of all of them is the file. */
export interface WrittenDocument {
  /** Directives and the `---` line; empty where the file begins without one. */
  readonly open: string;
  readonly content: string;
  readonly root: Written;
  readonly style: Style;
  readonly document: YamlDocument;
}

/** Cuts a stream into documents and their entries.
 *  @returns undefined when text and documents can't be told apart line by line */
export function writtenDocuments(stream: YamlStream): readonly WrittenDocument[] | undefined {
  return splitStream(stream)?.map(({ open, content, start, document }) => {
    const root = cut(stream.text, document.node.contents, document.value, content, start);
    return { open, content, root, document, style: styleOf(document.node, stream.text) };
  });
}

/** One document of a stream as text, its entries not looked at. */
export interface SplitDocument extends Pick<WrittenDocument, 'open' | 'content' | 'document'> {
  /** Where `content` begins in the stream. */
  readonly start: number;
}

/** Cuts a stream into documents, without reading any of them in full.
 *  @returns undefined when text and documents can't be told apart line by line */
export function splitStream(stream: YamlStream): readonly SplitDocument[] | undefined {
  if (stream.documents.length === 0 && isOnlyComments(stream.text)) return [];
  const parts = splitDocuments(stream.text);
  if (parts.length !== stream.documents.length) return undefined;
  return stream.documents.map((document, index) => {
    const { open, start, end } = parts[index] ?? { open: '', start: 0, end: 0 };
    return { open, content: stream.text.slice(start, end), start, document };
  });
}

/** Where documents begin. `---` and `...` at the start of a line mark documents wherever they stand: no scalar may hold
 *  them there (YAML 1.2, 9.1.2). */
function splitDocuments(text: string): { open: string; start: number; end: number }[] {
  const marks = [...text.matchAll(/^(?:\uFEFF)?(---|\.\.\.)(?=[ \t\r\n]|$)[^\n]*(?:\n|$)/gm)];
  const documents: { open: string; start: number; end: number }[] = [];
  let openFrom = 0;
  let start = 0;
  let isOpen = true;
  for (const mark of marks) {
    const end = mark.index + mark[0].length;
    if (mark[1] === '...') {
      if (isOpen) documents.push({ open: text.slice(openFrom, start), start, end: mark.index });
      openFrom = mark.index;
      isOpen = false;
      continue;
    }
    const isBare = /^(?:\uFEFF)?---[ \t]*(?:#[^\n]*)?\r?\n?$/.test(mark[0]);
    const isFirst = documents.length === 0 && isOpen && isOnlyComments(text.slice(start, mark.index));
    if (isOpen && !isFirst) documents.push({ open: text.slice(openFrom, start), start, end: mark.index });
    if (isOpen && !isFirst) openFrom = mark.index;
    start = isBare ? end : mark.index;
    isOpen = true;
  }
  const rest = text.slice(start);
  const isLeftOver = !isOpen && isOnlyComments(text.slice(openFrom));
  if (isOpen && (marks.length > 0 || rest !== ''))
    documents.push({ open: text.slice(openFrom, start), start, end: text.length });
  else if (!isOpen && !isLeftOver) documents.push({ open: '', start: openFrom, end: text.length });
  return documents;
}

function isOnlyComments(text: string): boolean {
  return text.split('\n').every((line) => /^\uFEFF?\s*(?:[#%].*|---.*|\.\.\..*)?$/.test(line));
}

const leafOf = (value: JsonValue): Written => ({ kind: 'leaf', value, column: 0, entries: [], tail: '' });

/** Cuts what `text` holds: whole lines of the file `full` from `base` on, dashes of lists around it blanked out. */
function cut(full: string, node: unknown, value: JsonValue, text: string, base: number): Written {
  if (isFlow(node)) return leafOf(value);
  if (isMap(node) && isObject(value)) return cutMap(full, node, value, text, base) ?? leafOf(value);
  if (isSeq(node) && isList(value)) return cutList(full, node, value, text, base) ?? leafOf(value);
  return leafOf(value);
}

interface Extent {
  /** Offset in the region where the entry's first own line begins, and where its last one ends. */
  readonly line: number;
  readonly end: number;
}

function cutMap(
  full: string,
  map: YAMLMap,
  value: JsonValue,
  text: string,
  base: number,
): Written | undefined {
  const extents: Extent[] = [];
  let column = -1;
  for (const pair of map.items) {
    // A merge key brings members that have no lines here; the library reads it as a symbol.
    if (!isScalar(pair.key) || pair.key.source === '<<' || pair.key.anchor !== undefined) return undefined;
    const start = startOf(pair.key);
    const end = pairEnd(pair);
    if (start === undefined || end === undefined) return undefined;
    const at = start - base;
    const line = text.lastIndexOf('\n', at - 1) + 1;
    if (text.slice(line, at).trim() !== '' && text.slice(line, at) !== '\uFEFF') return undefined;
    const here = at - line - (text[line] === '\uFEFF' ? 1 : 0);
    if (column >= 0 && here !== column) return undefined;
    column = here;
    extents.push({ line, end: nextLineOf(text, end - base) });
  }
  const parts = splitRegion(text, extents, column);
  if (parts === undefined) return undefined;
  const entries = map.items.map((pair, index): WrittenEntry => {
    const piece = parts.pieces[index] ?? nowhere;
    return cutPair(full, pair, value, { ...piece, bodyAt: base + piece.bodyAt });
  });
  return { kind: 'map', value, column, entries, tail: parts.tail };
}

function keyText({ key }: Pair): string {
  const value = isScalar(key) ? key.value : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

/** @param map  what the map of the pair means
 *  @param piece  the lines of the pair, with their place in the whole text */
function cutPair(full: string, pair: Pair, map: JsonValue, piece: Piece): WrittenEntry {
  const { lead, body, bodyAt: base } = piece;
  const key = keyText(pair);
  const value = valueAt(map, key) ?? null;
  const node = pair.value;
  const start = isUnwritten(node) ? undefined : startOf(node);
  const head = body.slice(0, nextLineOf(body, (contentEnd(pair.key) ?? base) - base));
  if (start !== undefined && start - base >= head.length && (isMap(node) || isSeq(node)) && !isFlow(node)) {
    const inner = cut(full, node, value, body.slice(head.length), base + head.length);
    if (inner.kind !== 'leaf') return { key, lead, body, head, value: inner, post: undefined };
  }
  return { key, lead, body, head: '', value: leafOf(value), post: postOf(node, body, base) };
}

/** What stands behind a value that ends on the first line. */
function postOf(node: unknown, body: string, base: number): string | undefined {
  const end = isUnwritten(node) ? undefined : contentEnd(node);
  if (end === undefined || isBlockScalar(node) || isAlias(node)) return undefined;
  const post = body.slice(end - base);
  return /^[ \t]*(?:#[^\n]*)?\r?\n?$/.test(post) && !body.slice(0, end - base).includes('\n')
    ? post
    : undefined;
}

function cutList(
  full: string,
  list: YAMLSeq,
  value: JsonValue,
  text: string,
  base: number,
): Written | undefined {
  const extents: Extent[] = [];
  let column = -1;
  for (const [index, item] of list.items.entries()) {
    const found = dashOf(full, list, index);
    if (found === undefined) return undefined;
    const dash = found - base;
    const line = text.lastIndexOf('\n', dash - 1) + 1;
    if (text.slice(line, dash).trim() !== '' && text.slice(line, dash) !== '\uFEFF') return undefined;
    const here = dash - line - (text[line] === '\uFEFF' ? 1 : 0);
    if (column >= 0 && here !== column) return undefined;
    column = here;
    const end = isUnwritten(item) ? dash + 1 : (contentEnd(item) ?? Number.NaN) - base;
    if (Number.isNaN(end)) return undefined;
    extents.push({ line, end: nextLineOf(text, end) });
  }
  const parts = splitRegion(text, extents, column);
  if (parts === undefined) return undefined;
  const entries = list.items.map((item, index): WrittenEntry => {
    const { lead, body, bodyAt } = parts.pieces[index] ?? nowhere;
    const member = valueAt(value, index) ?? null;
    const isBlock = (isMap(item) || isSeq(item)) && !isFlow(item);
    const undashed = body.replace('-', ' ');
    const inner = isBlock ? cut(full, item, member, undashed, base + bodyAt) : leafOf(member);
    const isUsable = inner.kind !== 'leaf' && inner.column > column && undashed.trimStart() !== '';
    return {
      key: '',
      lead,
      body,
      head: '',
      value: isUsable ? inner : leafOf(member),
      post: postOf(item, body, base + bodyAt),
    };
  });
  return { kind: 'list', value, column, entries, tail: parts.tail };
}

interface Piece {
  readonly lead: string;
  readonly body: string;
  readonly bodyAt: number;
}

const nowhere: Piece = { lead: '', body: '', bodyAt: 0 };

/** Gives each line of a region to an entry: lines above a key lead it, but comments deeper than the keys belong to what is
 *  above them. */
function splitRegion(
  text: string,
  extents: readonly Extent[],
  column: number,
): { pieces: readonly Piece[]; tail: string } | undefined {
  if (extents.length === 0) return undefined;
  const pieces: Piece[] = [];
  let from = 0;
  for (const [index, { line, end }] of extents.entries()) {
    if (line < from || end < line) return undefined;
    const until = extents[index + 1]?.line ?? text.length;
    const after = end + deeperComments(text.slice(end, until), column);
    pieces.push({ lead: text.slice(from, line), body: text.slice(line, after), bodyAt: line });
    from = after;
  }
  return { pieces, tail: text.slice(from) };
}

/** How much of a gap belongs to the entry above: up to its last comment that is indented deeper than the keys. */
export function deeperComments(gap: string, column: number): number {
  let length = 0;
  let at = 0;
  for (const line of gap.split(/(?<=\n)/)) {
    at += line.length;
    const text = line.trim();
    if (text === '') continue;
    if (!text.startsWith('#') || line.search(/\S/) <= column) break;
    length = at;
  }
  return length;
}
