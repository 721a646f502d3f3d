import { isList, isObject, type JsonValue } from '../model/json.ts';

/** Words that YAML 1.1 readers (Go's among them) take for a boolean or null. */
const reserved = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;

/** Strings that every YAML reader takes for the string itself, without quotes. */
const plain = /^[A-Za-z_/.](?:[A-Za-z0-9_/.*|-]*[A-Za-z0-9_/.*-])?$/;

const duration = /^(?:[1-9]\d{0,9}|0)(?:s|ms|m|h)$/;

/** A value as one YAML scalar on one line, the same to readers of YAML 1.1 and 1.2, in block and in flow context.
 *  No string gets out of it: whatever is not plainly harmless is double-quoted with JSON's escapes. A lone surrogate,
 *  which no UTF-8 file can hold, becomes U+FFFD. */
export function printScalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  const isPlain =
    plain.test(value) &&
    !reserved.test(value) &&
    !/^\.[0-9_.]/.test(value) &&
    !/^\.(?:inf|nan)$/i.test(value);
  if (isPlain || duration.test(value)) return value;
  return printQuoted(value);
}

/** A string in double quotes, as `printScalar` writes the ones that need them. */
export function printQuoted(value: string): string {
  return JSON.stringify(value.replace(/\p{Cs}/gu, '\uFFFD')).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** How nested values are laid out. */
export interface Layout {
  /** Spaces for one level. */
  readonly step: number;
  /** Whether the items of a list stand deeper than its key. */
  readonly indentLists: boolean;
}

/** A value in block style as lines without line ends, each indented by `indent` spaces. Empty maps and lists are `{}` and
 *  `[]`. */
export function printValue(
  value: JsonValue,
  indent: number,
  layout: Layout = { step: 2, indentLists: true },
): string[] {
  const pad = ' '.repeat(indent);
  if (isList(value)) {
    if (value.length === 0) return [`${pad}[]`];
    return value.flatMap((item) => {
      const [first = '', ...rest] = printValue(item, indent + 2, layout);
      return [`${pad}- ${first.slice(indent + 2)}`, ...rest];
    });
  }
  if (!isObject(value)) return [pad + printScalar(value)];
  const entries = Object.entries(value);
  if (entries.length === 0) return [`${pad}{}`];
  return entries.flatMap(([key, item]) => printEntry(key, item, indent, layout));
}

/** One `key: value` of a block map, as lines. */
export function printEntry(key: string, value: JsonValue, indent: number, layout: Layout): string[] {
  const head = `${' '.repeat(indent)}${printScalar(key)}:`;
  const isNested = (isObject(value) && Object.keys(value).length > 0) || (isList(value) && value.length > 0);
  if (!isNested) return [`${head} ${printValue(value, 0, layout).join('')}`];
  const deeper = isList(value) && !layout.indentLists ? indent : indent + layout.step;
  return [head, ...printValue(value, deeper, layout)];
}

/** A value in flow style, on one line. */
export function printFlow(value: JsonValue): string {
  if (isList(value)) return `[${value.map(printFlow).join(', ')}]`;
  if (!isObject(value)) return printScalar(value);
  const entries = Object.entries(value).map(([key, item]) => `${printScalar(key)}: ${printFlow(item)}`);
  return `{${entries.join(', ')}}`;
}

/** Characters that stand for themselves in a block scalar. */
const printableText = /^[\x20-\x7e\n\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;

/** A text as the value of a key: its lines below a `|` where that keeps every character, else double-quoted.
 *  @returns what follows `key:`, the lines of the block indented by `indent` */
export function printText(text: string, indent: number): string[] {
  const isBlock = printableText.test(text) && /^[^\s][^]*[^\n]\n$/.test(text);
  if (!isBlock) return [` ${printQuoted(text)}`];
  const pad = ' '.repeat(indent);
  const lines = text.slice(0, -1).split('\n');
  return [' |', ...lines.map((line) => (line === '' ? '' : pad + line))];
}
