import { isMap, isScalar, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { isList, isObject, type JsonValue } from '../model/json.ts';
import {
  columnOf,
  contentEnd,
  isBlockScalar,
  isFlow,
  isUnwritten,
  lineStartOf,
  nextLineOf,
  pairEnd,
  startOf,
  type LocatedNode,
} from './locate.ts';
import { deeperComments } from './blocks.ts';
import { printEntry, printFlow, printQuoted, printScalar, printValue } from './print.ts';
import type { Splice } from './splice.ts';
import type { Style } from './style.ts';

/** Adds `key: value` at the end of a map. */
export function insertPair(
  text: string,
  map: YAMLMap,
  key: string,
  value: JsonValue,
  style: Style,
): Splice[] | undefined {
  if (isFlow(map)) return insertFlow(text, map, `${printScalar(key)}: ${printFlow(value)}`, style);
  const [first] = map.items;
  const last = map.items.at(-1);
  const start = startOf(first?.key);
  const end = last === undefined ? undefined : pairEnd(last);
  if (start === undefined || end === undefined) return undefined;
  const column = columnOf(text, start);
  return insertLines(text, end, column, printEntry(key, value, column, style), style);
}

/** Adds an item at the end of a list. */
export function insertItem(
  text: string,
  list: YAMLSeq,
  value: JsonValue,
  style: Style,
): Splice[] | undefined {
  if (isFlow(list)) return insertFlow(text, list, printFlow(value), style);
  const start = startOf(list);
  const last = list.items.at(-1);
  const end = isUnwritten(last) ? undefined : contentEnd(last);
  if (start === undefined || end === undefined || text[start] !== '-') return undefined;
  const column = columnOf(text, start);
  return insertLines(text, end, column, printValue([value], column, style), style);
}

/** New lines after the line that holds `end`, its trailing comment and the deeper comments below it included. */
function insertLines(
  text: string,
  end: number,
  column: number,
  lines: readonly string[],
  style: Style,
): Splice[] {
  const next = nextLineOf(text, end);
  const at = next + deeperComments(text.slice(next), column);
  const block = lines.join(style.newline);
  const hasBreak = at > 0 && text[at - 1] === '\n';
  return [{ start: at, end: at, insert: hasBreak ? block + style.newline : style.newline + block }];
}

function insertFlow(
  text: string,
  collection: YAMLMap | YAMLSeq,
  item: string,
  style: Style,
): Splice[] | undefined {
  const [open, close] = collection.range ?? [];
  if (open === undefined || close === undefined) return undefined;
  const last: unknown = collection.items.at(-1);
  if (last === undefined) {
    const inner = text.slice(open + 1, close - 1);
    return inner.trim() === '' ? [{ start: open + 1, end: close - 1, insert: item }] : undefined;
  }
  const end = isMap(collection) ? flowPairEnd(text, last as Pair) : contentEnd(last);
  if (end === undefined) return undefined;
  const rest = /^[ \t]*,/.exec(text.slice(end, close));
  const tail = text.slice(end + (rest?.[0].length ?? 0), close - 1);
  if (!tail.includes('\n')) {
    if (rest !== null)
      return [{ start: end + rest[0].length, end: end + rest[0].length, insert: ` ${item},` }];
    return [{ start: end, end, insert: `, ${item}` }];
  }
  // Over several lines: the comment behind the last item stays with it.
  const line = lineStartOf(text, end);
  const indent = /^[ \t]*/.exec(text.slice(line))?.[0] ?? '';
  let lineEnd = text.indexOf('\n', end);
  if (text[lineEnd - 1] === '\r') lineEnd--;
  const added: Splice = {
    start: lineEnd,
    end: lineEnd,
    insert: `${style.newline}${indent}${item}${rest === null ? '' : ','}`,
  };
  return rest === null ? [{ start: end, end, insert: ',' }, added] : [added];
}

function flowPairEnd(text: string, pair: Pair): number | undefined {
  const keyEnd = contentEnd(pair.key);
  if (!isUnwritten(pair.value) || keyEnd === undefined) return pairEnd(pair);
  const colon = /^[ \t]*:/.exec(text.slice(keyEnd));
  return keyEnd + (colon?.[0].length ?? 0);
}

/** Puts `value` in place of what a spot holds. `parentColumn` is the column of the pair's key. */
export function replaceValue(
  text: string,
  spot: LocatedNode,
  value: JsonValue,
  style: Style,
): Splice[] | undefined {
  const { node, pair } = spot;
  if (hasProperties(node)) return undefined;
  const start = startOf(node);
  const end = contentEnd(node);
  const isNested = (isObject(value) && Object.keys(value).length > 0) || (isList(value) && value.length > 0);
  if (!isUnwritten(node) && (start === undefined || end === undefined)) return undefined;
  if (start !== undefined && end !== undefined && !isUnwritten(node)) {
    if (spot.inFlow) return [{ start, end, insert: printFlow(value) }];
    if (isScalar(node) && !isBlockScalar(node) && !isNested)
      return [{ start, end, insert: printLike(node.type, value) }];
  } else if (spot.inFlow) return undefined;
  if (pair !== undefined) return replaceInPair(text, pair, value, isNested, style);
  if (start === undefined || end === undefined) return undefined;
  const lines = printValue(value, columnOf(text, start), style);
  const block = lines.join(style.newline).trimStart();
  return [{ start, end, insert: text[end - 1] === '\n' ? block + style.newline : block }];
}

function replaceInPair(
  text: string,
  pair: Pair,
  value: JsonValue,
  isNested: boolean,
  style: Style,
): Splice[] | undefined {
  const keyStart = startOf(pair.key);
  const keyEnd = contentEnd(pair.key);
  if (keyStart === undefined || keyEnd === undefined) return undefined;
  const colon = text.indexOf(':', keyEnd);
  if (text.slice(keyEnd, colon).trim() !== '') return undefined;
  const column = columnOf(text, keyStart);
  const lines = isNested ? printEntry('k', value, column, style).slice(1) : [];
  const start = isUnwritten(pair.value) ? undefined : startOf(pair.value);
  const end = isUnwritten(pair.value) ? undefined : contentEnd(pair.value);
  if (start === undefined || end === undefined) {
    if (!isNested) return [{ start: colon + 1, end: colon + 1, insert: ` ${printFlow(value)}` }];
    return insertLines(text, colon + 1, column, lines, style);
  }
  const endsLine = text[end - 1] === '\n' ? style.newline : '';
  if (isNested && lineStartOf(text, start) > colon)
    return [{ start: lineStartOf(text, start), end, insert: lines.join(style.newline) + endsLine }];
  if (!isNested) return [{ start: colon + 1, end, insert: ` ${printFlow(value)}${endsLine}` }];
  const behind = /^[ \t]*(#[^\r\n]*)?/.exec(text.slice(end))?.[0] ?? '';
  return [
    {
      start: colon + 1,
      end: end + behind.length,
      insert: `${behind}${style.newline}${lines.join(style.newline)}`,
    },
  ];
}

function hasProperties(node: unknown): boolean {
  return (
    (isScalar(node) || isMap(node) || isSeq(node)) &&
    (node.anchor !== undefined || (node.tag !== undefined && hasWrittenTag(node)))
  );
}

/** The library names the tag of a value it resolved by itself only when it was written. */
function hasWrittenTag(node: { tag?: string }): boolean {
  return node.tag !== undefined && !/^tag:yaml\.org,2002:(?:map|seq|str)$/.test(node.tag);
}

function printLike(type: string | undefined, value: JsonValue): string {
  if (typeof value !== 'string') return printFlow(value);
  if (type === 'QUOTE_DOUBLE') return printQuoted(value);
  if (type === 'QUOTE_SINGLE' && /^[\x20-\x7e]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return printScalar(value);
}
