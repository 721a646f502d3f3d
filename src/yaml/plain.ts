import type { JsonValue } from '../model/json.ts';

/** The values of a stream that is written as most manifests are: block maps and lists, scalars on one line, literal
 *  blocks. Ten times as fast as reading YAML in full, and without positions.
 *  @returns undefined for anything else, valid or not: then YAML must be read in full. What it does return is what the full
 *  reading would (a law that the tests hold against the library). */
export function readPlain(text: string): readonly JsonValue[] | undefined {
  // Tabs, carriage returns, byte order marks, directives and control characters are for the full reading.
  if (odd.test(text)) return undefined;
  const reader = new PlainReader(text.split('\n'));
  return reader.documents();
}

/** Unicode's spaces, which JavaScript trims and YAML does not, are among them. */
const odd =
  /[^\n\u0020-\u007e\u00a1-\u167f\u1681-\u1fff\u2010-\u2027\u2030-\u205e\u2060-\u2fff\u3001-\ud7ff]|^%|^\.\.\./m;
const maxDepth = 60;

/** Thrown, and caught, in this file only: a way out of any depth that costs nothing where it is not taken. */
const notPlain = new Error('the text is not plain');

class PlainReader {
  readonly #lines: readonly string[];
  #at = 0;
  #depth = 0;
  /** Of the line at hand: where its content starts, and the content without a comment. */
  #indent = 0;
  #content = '';

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  documents(): readonly JsonValue[] | undefined {
    try {
      const found: JsonValue[] = [];
      let isOpen = false;
      while (this.#next()) {
        if (this.#content === '---') {
          if (isOpen) found.push(null);
          isOpen = true;
          this.#at++;
          continue;
        }
        if (this.#indent !== 0) throw notPlain;
        found.push(this.#block(0));
        isOpen = false;
        if (this.#next() && this.#content !== '---') throw notPlain;
      }
      if (isOpen) found.push(null);
      return found.length === 0 ? undefined : found;
    } catch (error) {
      if (error === notPlain) return undefined;
      throw error;
    }
  }

  /** Goes to the next line with content. */
  #next(): boolean {
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] ?? '';
      let indent = 0;
      while (line.charCodeAt(indent) === 0x20) indent++;
      if (indent === line.length || line.charCodeAt(indent) === 0x23) continue;
      this.#indent = indent;
      this.#content = withoutComment(line.slice(indent));
      if (this.#content.startsWith('---') && (indent > 0 || this.#content !== '---')) throw notPlain;
      return true;
    }
    return false;
  }

  /** What stands at an indentation: a map or a list. */
  #block(indent: number): JsonValue {
    if (++this.#depth > maxDepth) throw notPlain;
    const value = isItem(this.#content) ? this.#list(indent) : this.#map(indent);
    this.#depth--;
    return value;
  }

  #list(indent: number): JsonValue {
    const items: JsonValue[] = [];
    while (this.#next() && this.#indent === indent && isItem(this.#content)) items.push(this.#item(indent));
    if (this.#isInside(indent)) throw notPlain;
    return items;
  }

  #item(indent: number): JsonValue {
    const rest = this.#content.slice(1);
    const content = rest.trimStart();
    if (content === '') {
      this.#at++;
      if (!this.#next() || this.#indent <= indent || this.#content === '---') return null;
      return this.#block(this.#indent);
    }
    const inner = indent + 1 + rest.length - content.length;
    if (isItem(content)) throw notPlain;
    if (keyOf(content) !== undefined) {
      // The map goes on at the column of its first key.
      this.#indent = inner;
      this.#content = content;
      if (++this.#depth > maxDepth) throw notPlain;
      const value = this.#map(inner);
      this.#depth--;
      return value;
    }
    return this.#scalar(content, indent);
  }

  #map(indent: number): JsonValue {
    const entries: Record<string, JsonValue> = {};
    do {
      if (this.#indent !== indent || isItem(this.#content)) break;
      const key = keyOf(this.#content);
      if (key === undefined || Object.hasOwn(entries, key) || key === '__proto__') throw notPlain;
      const content = this.#content.slice(key.length + 1).trimStart();
      entries[key] = content === '' ? this.#below(indent) : this.#scalar(content, indent);
    } while (this.#next() && this.#content !== '---');
    if (this.#isInside(indent)) throw notPlain;
    return entries;
  }

  /** The value of a key that has nothing behind it. */
  #below(indent: number): JsonValue {
    this.#at++;
    if (!this.#next() || this.#content === '---') return null;
    if (this.#indent > indent) return this.#block(this.#indent);
    return this.#indent === indent && isItem(this.#content) ? this.#block(indent) : null;
  }

  /** Whether what follows is indented as no part of this block is. */
  #isInside(indent: number): boolean {
    return this.#next() && this.#indent > indent;
  }

  #scalar(content: string, indent: number): JsonValue {
    this.#at++;
    if (content === '|' || content === '|-') return this.#literal(content === '|', indent);
    const value = scalarOf(content);
    // A scalar goes on in lines that are indented deeper; a list may be.
    if (this.#next() && this.#indent > indent && this.#content !== '---') throw notPlain;
    return value;
  }

  #literal(keepsLast: boolean, parent: number): string {
    const first = this.#lines[this.#at] ?? '';
    const indent = first.length - first.trimStart().length;
    if (first.trim() === '' || indent <= parent) throw notPlain;
    const found: string[] = [];
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] ?? '';
      if (line.trim() === '') {
        if (line.length > indent) throw notPlain;
        found.push('');
      } else if (line.length - line.trimStart().length >= indent) found.push(line.slice(indent));
      else break;
    }
    // Comments may follow that are indented less than the block, and more than its key.
    if (this.#at < this.#lines.length && /^ +#/.test(this.#lines[this.#at] ?? '')) throw notPlain;
    while (found.at(-1) === '') found.pop();
    return found.join('\n') + (keepsLast ? '\n' : '');
  }
}

function isItem(content: string): boolean {
  return content.charCodeAt(0) === 0x2d && (content.length === 1 || content.charCodeAt(1) === 0x20);
}

const plainKey = /^[A-Za-z_][A-Za-z0-9_./-]*:(?= |$)/;
/** Words that are no strings. */
const wordValues: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ...['null', 'Null', 'NULL', '~'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

/** The key that a line starts with, when it is a plain word. */
function keyOf(content: string): string | undefined {
  const found = plainKey.exec(content)?.[0];
  if (found === undefined) return undefined;
  const key = found.slice(0, -1);
  if (wordValues.has(key)) throw notPlain;
  return key;
}

/** A line's content without the comment behind it. Where a `#` is inside quotes, or may be, that is for the full reading. */
function withoutComment(content: string): string {
  const hash = content.indexOf(' #');
  if (hash < 0) return content.trimEnd();
  let quote = '';
  for (let at = 0; at < hash; at++) {
    const character = content.charAt(at);
    if (quote === '' ? character === '"' || character === "'" : character === quote)
      quote = quote === '' ? character : '';
  }
  if (quote !== '') throw notPlain;
  return content.slice(0, hash).trimEnd();
}

function scalarOf(content: string): JsonValue {
  const first = content.charAt(0);
  if (first === '"') return quoted(content, '"', '\\');
  if (first === "'") return quoted(content, "'", "'");
  if (first === '[' || first === '{') return new FlowReader(content).whole();
  return plain(content);
}

/** A quoted scalar without anything escaped. */
function quoted(content: string, quote: string, escape: string): string {
  const inner = content.slice(1, -1);
  if (content.length < 2 || !content.endsWith(quote)) throw notPlain;
  if (inner.includes(quote) || inner.includes(escape)) throw notPlain;
  return inner;
}

const integer = /^(?:0|-?[1-9][0-9]{0,14})$/;
/** Numbers of other forms, and what looks like one: for the full reading. */
const numeric = /^[-+]?\.?[0-9][0-9_.eExXoO+-]*$|^0[xo]|^[-+]?\.(?:inf|nan)$/i;

function plain(content: string): JsonValue {
  if (integer.test(content)) return Number(content);
  if (/^[-?:,[\]{}#&*!|>'"%@`]/.test(content) || content.includes(': ') || content.endsWith(':'))
    throw notPlain;
  if (wordValues.has(content)) return wordValues.get(content) ?? null;
  if (numeric.test(content) && !/^\d+\.\d+\.\d/.test(content)) throw notPlain;
  return content;
}

/** Flow lists and maps on one line, of plain and quoted scalars, lists and maps: `["*"]`, `{ports: [{number: 80}]}`. */
class FlowReader {
  readonly #content: string;
  #at = 0;
  #depth = 0;

  constructor(content: string) {
    this.#content = content;
  }

  whole(): JsonValue {
    const value = this.#value();
    if (this.#at !== this.#content.length) throw notPlain;
    return value;
  }

  #value(): JsonValue {
    const first = this.#content.charAt(this.#at);
    if (first === '"' || first === "'") return this.#quoted(first);
    if (first !== '[' && first !== '{') return this.#plain();
    if (++this.#depth > maxFlowDepth) throw notPlain;
    const value = first === '[' ? this.#list() : this.#map();
    this.#depth--;
    return value;
  }

  #list(): JsonValue {
    const items: JsonValue[] = [];
    if (this.#isEmpty(']')) return items;
    do items.push(this.#value());
    while (this.#goesOn(']'));
    return items;
  }

  #map(): JsonValue {
    const entries: Record<string, JsonValue> = {};
    if (this.#isEmpty('}')) return entries;
    do {
      flowKey.lastIndex = this.#at;
      const key = flowKey.exec(this.#content)?.[1];
      if (key === undefined || wordValues.has(key) || key === '__proto__' || Object.hasOwn(entries, key))
        throw notPlain;
      this.#at = flowKey.lastIndex;
      this.#skipSpaces();
      entries[key] = this.#value();
    } while (this.#goesOn('}'));
    return entries;
  }

  #isEmpty(end: string): boolean {
    this.#at++;
    this.#skipSpaces();
    if (this.#content.charAt(this.#at) !== end) return false;
    this.#at++;
    return true;
  }

  /** Goes behind the comma, to the next entry, or behind the end. */
  #goesOn(end: string): boolean {
    this.#skipSpaces();
    const found = this.#content.charAt(this.#at++);
    if (found === end) return false;
    if (found !== ',') throw notPlain;
    this.#skipSpaces();
    return true;
  }

  #skipSpaces(): void {
    while (this.#content.charCodeAt(this.#at) === 0x20) this.#at++;
  }

  #quoted(quote: string): string {
    const end = this.#content.indexOf(quote, this.#at + 1);
    const text = quoted(this.#content.slice(this.#at, end + 1), quote, quote === '"' ? '\\' : "'");
    this.#at = end + 1;
    return text;
  }

  #plain(): JsonValue {
    flowScalar.lastIndex = this.#at;
    const found = flowScalar.exec(this.#content)?.[0] ?? '';
    if (found === '') throw notPlain;
    this.#at += found.length;
    return plain(found.trimEnd());
  }
}

const maxFlowDepth = 20;
/** No longer than YAML lets a key be that nothing announces. */
const flowKey = /([A-Za-z_][A-Za-z0-9_./-]{0,500}):(?= )/y;
/** A colon inside a word is part of it. */
const flowScalar = /(?:[^[\]{},#\\&*!|>%@`?"':]|:(?=[A-Za-z0-9/]))+/y;
