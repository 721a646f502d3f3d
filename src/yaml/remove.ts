import { isMap, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import {
  contentEnd,
  dashOf,
  isFlow,
  isUnwritten,
  lineStartOf,
  nextLineOf,
  pairEnd,
  startOf,
} from './locate.ts';
import type { Splice } from './splice.ts';

/** Takes one entry out of a map or list that keeps others. Comments above it stay. */
export function removeEntry(text: string, collection: unknown, index: number): Splice[] | undefined {
  if (isFlow(collection) && (isMap(collection) || isSeq(collection)))
    return removeFlow(text, collection, index);
  if (isMap(collection)) return removePair(text, collection, index);
  if (isSeq(collection)) return removeItem(text, collection, index);
  return undefined;
}

function removePair(text: string, map: YAMLMap, index: number): Splice[] | undefined {
  const pair = map.items[index];
  const start = startOf(pair?.key);
  const end = pair === undefined ? undefined : pairEnd(pair);
  if (start === undefined || end === undefined) return undefined;
  const line = lineStartOf(text, start);
  if (text.slice(line, start).trim() === '') return [wholeLines(text, line, end)];
  // The map begins behind a dash: the next key moves up to it.
  const next = startOf(map.items[index + 1]?.key);
  return next === undefined ? undefined : [{ start, end: next, insert: '' }];
}

function removeItem(text: string, list: YAMLSeq, index: number): Splice[] | undefined {
  const dash = dashOf(text, list, index);
  const item = list.items[index];
  if (dash === undefined) return undefined;
  const end = isUnwritten(item) ? dash + 1 : contentEnd(item);
  const line = lineStartOf(text, dash);
  if (end === undefined || text.slice(line, dash).trim() !== '') return undefined;
  return [wholeLines(text, line, end)];
}

function wholeLines(text: string, start: number, end: number): Splice {
  const next = nextLineOf(text, end);
  if (text[next - 1] === '\n' || start === 0) return { start, end: next, insert: '' };
  // The last line of a file without a final line break goes with the break before it.
  const before = text[start - 2] === '\r' ? start - 2 : start - 1;
  return { start: before, end: next, insert: '' };
}

function removeFlow(text: string, collection: YAMLMap | YAMLSeq, index: number): Splice[] | undefined {
  const items: readonly unknown[] = collection.items;
  const startAt = (at: number) =>
    startOf(isMap(collection) ? (items[at] as Pair | undefined)?.key : items[at]);
  const endAt = (at: number) => (isMap(collection) ? pairEnd(items[at] as Pair) : contentEnd(items[at]));
  const start = startAt(index);
  const end = endAt(index);
  if (start === undefined || end === undefined) return undefined;
  const next = startAt(index + 1);
  if (next !== undefined) return [{ start, end: next, insert: '' }];
  const before = index === 0 ? undefined : endAt(index - 1);
  return before === undefined ? [{ start, end, insert: '' }] : [{ start: before, end, insert: '' }];
}
