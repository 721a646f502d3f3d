import { isAlias, isMap, isScalar, isSeq, type Document, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { YamlPath } from '../model/json.ts';

/** A node of the document with the pair or list that holds it. */
export interface LocatedNode {
  readonly node: unknown;
  /** The pair whose value the node is; undefined for list items and the root. */
  readonly pair: Pair | undefined;
  /** Inside `{}` or `[]`. */
  readonly inFlow: boolean;
}

/** The deepest written node along `path`, and how many steps lead to it. */
export interface LocatedNodes {
  readonly spots: readonly LocatedNode[];
  readonly depth: number;
}

/** Follows `path` through what is written; aliases end the walk, since an edit beyond one would show in other places. */
export function locate(document: Document, path: YamlPath): LocatedNodes {
  const spots: LocatedNode[] = [{ node: document.contents, pair: undefined, inFlow: false }];
  for (const step of path) {
    const here = spots.at(-1);
    if (here === undefined) break;
    const inFlow = here.inFlow || isFlow(here.node);
    if (isMap(here.node)) {
      const pair = pairOf(here.node, String(step));
      if (pair === undefined) break;
      spots.push({ node: pair.value, pair, inFlow });
    } else if (isSeq(here.node) && typeof step === 'number' && step < here.node.items.length)
      spots.push({ node: here.node.items[step], pair: undefined, inFlow });
    else break;
  }
  return { spots, depth: spots.length - 1 };
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}

export function isFlow(node: unknown): boolean {
  return (isMap(node) || isSeq(node)) && node.flow === true;
}

/** Where a node starts; undefined for a value that is not written. */
export function startOf(node: unknown): number | undefined {
  const isNode = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
  return isNode ? node.range?.[0] : undefined;
}

/** Whether the value is not written at all: `key:` and nothing. */
export function isUnwritten(node: unknown): boolean {
  if (node === null || node === undefined) return true;
  return isScalar(node) && node.value === null && (node.source ?? '') === '';
}

/** Where the text of a node ends, without comments and blank lines that follow it. */
export function contentEnd(node: unknown): number | undefined {
  if (isFlow(node) || isScalar(node) || isAlias(node))
    return (node as { range?: [number, number, number] }).range?.[1];
  if (isMap(node)) {
    const last = node.items.at(-1);
    return last === undefined ? node.range?.[1] : pairEnd(last);
  }
  if (isSeq(node)) {
    const last = node.items.at(-1);
    return (isUnwritten(last) ? undefined : contentEnd(last)) ?? node.range?.[1];
  }
  return undefined;
}

/** Where a pair's text ends: its value's, or its key's with the colon. */
export function pairEnd(pair: Pair): number | undefined {
  const keyEnd = contentEnd(pair.key);
  if (!isUnwritten(pair.value)) return contentEnd(pair.value);
  return keyEnd === undefined ? undefined : keyEnd + 1;
}

export function isBlockScalar(node: unknown): boolean {
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
}

export function lineStartOf(text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return start === 0 && text.startsWith('\uFEFF') ? Math.min(1, offset) : start;
}

/** After the line break of the line that `offset` is in, or the end of the text. */
export function nextLineOf(text: string, offset: number): number {
  // A block scalar's own end lies behind its last line break already.
  if (offset > 0 && text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

export function columnOf(text: string, offset: number): number {
  return offset - lineStartOf(text, offset);
}

/** Where the `-` of each item of a block list stands; undefined for one that can't be told. */
export function dashOf(text: string, list: YAMLSeq, index: number): number | undefined {
  const first = list.range?.[0];
  if (first === undefined || text[first] !== '-') return undefined;
  if (index === 0) return first;
  const previous = list.items[index - 1];
  const column = columnOf(text, first);
  const start = isUnwritten(previous) ? dashOf(text, list, index - 1) : contentEnd(previous);
  if (start === undefined) return undefined;
  for (let at = nextLineOf(text, start); at < text.length; at = nextLineOf(text, at + 1)) {
    const line = text.slice(at, nextLineOf(text, at + 1));
    if (line.slice(0, column).trim() === '' && line[column] === '-') return at + column;
    if (line.trim() !== '' && !line.trimStart().startsWith('#')) return undefined;
  }
  return undefined;
}
