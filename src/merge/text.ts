import type { Written, WrittenEntry } from '../yaml/blocks.ts';
import type { Style } from '../yaml/style.ts';

/** Lines without the indentation of their collection and with plain line breaks, to compare them. */
export function dedented(text: string, column: number): string {
  const pad = ' '.repeat(column);
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => (line.startsWith(pad) ? line.slice(column) : line.trimStart()))
    .map((line) => (line.trim() === '' ? '' : line))
    .join('\n')
    .replace(/\n$/, '');
}

/** A text that only one side changed, as that side has it; else ours. */
export function threeWay(
  base: string,
  ours: string,
  theirs: string,
  adapt: (text: string) => string,
): string {
  const plain = (text: string) => dedented(text, 0);
  if (plain(ours) !== plain(base) || plain(theirs) === plain(base)) return ours;
  return adapt(theirs);
}

/** Comments as lines of a collection. */
export function commentLines(comments: readonly string[], column: number): string {
  return comments.map((comment) => `${' '.repeat(column)}${comment}\n`).join('');
}

/** Lines moved right or left; undefined when a line has not the room. */
function shifted(text: string, by: number): string {
  if (by === 0) return text;
  return text
    .split('\n')
    .map((line) => {
      if (line.trim() === '') return line;
      if (by > 0) return ' '.repeat(by) + line;
      const room = line.length - line.trimStart().length;
      return line.slice(Math.min(-by, room));
    })
    .join('\n');
}

/** An entry of another file as this file would have it: its column, its steps, its line breaks. */
export function transplanted(
  entry: WrittenEntry,
  from: { readonly column: number; readonly style: Style },
  to: { readonly column: number; readonly style: Style },
): string {
  const isAlike = from.style.step === to.style.step && from.style.indentLists === to.style.indentLists;
  const plain = { ...entry, lead: unix(entry.lead), body: unix(entry.body) };
  const text = isAlike
    ? shifted(plain.lead + plain.body, to.column - from.column)
    : entryText(plain, from.column, to.column, to.style);
  return withBreaks(text, to.style);
}

function unix(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}

/** Text with the line breaks of a style, ended by one. */
export function withBreaks(text: string, style: Style): string {
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return style.newline === '\n' ? ended.replaceAll('\r\n', '\n') : ended.replace(/\r?\n/g, '\r\n');
}

function entryText(entry: WrittenEntry, from: number, to: number, style: Style): string {
  const by = to - from;
  const lead = shifted(unix(entry.lead), by);
  if (entry.value.kind === 'leaf') return lead + shifted(unix(entry.body), by);
  if (entry.head === '') {
    const inner = collectionText(entry.value, to + entry.value.column - from, style);
    return lead + dashed(inner, to);
  }
  const isFlush = entry.value.kind === 'list' && !style.indentLists;
  return (
    lead + shifted(unix(entry.head), by) + collectionText(entry.value, isFlush ? to : to + style.step, style)
  );
}

function collectionText(collection: Written, column: number, style: Style): string {
  const entries = collection.entries.map((entry) => entryText(entry, collection.column, column, style));
  return entries.join('') + shifted(unix(collection.tail), column - collection.column);
}

/** The lines of a list item with its dash in place of the blank that stands there. */
export function dashed(lines: string, column: number): string {
  const text = lines.replace(/^(?:[ \t]*\r?\n)+/, '');
  const bom = text.startsWith('\uFEFF') ? 1 : 0;
  const at = column + bom;
  return text.slice(bom, at).trim() === '' && text[at] === ' '
    ? `${text.slice(0, at)}-${text.slice(at + 1)}`
    : `${' '.repeat(column)}-\n${text}`;
}
