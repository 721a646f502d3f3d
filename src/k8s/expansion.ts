import { matchesShell } from './shell-pattern.ts';

export type Applied =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly why: string }
  /** It would take too long to tell. */
  | { readonly kind: 'undecided' };

/** What an operator of Flux' substitution makes of a variable's value. Positions and lengths are those of bytes.
 *  @see https://github.com/fluxcd/pkg/blob/main/envsubst/funcs.go */
export function applied(operator: string, value: string, args: readonly string[]): Applied {
  const [first = '', second = ''] = args;
  switch (operator) {
    case '':
      return textOf(value);
    case '#':
      if (args.length === 0) return textOf(String(bytesOf(value).length));
      return trimmed(value, first, 'shortest', 'start');
    case '##':
      return trimmed(value, first, 'longest', 'start');
    case '%':
      return trimmed(value, first, 'shortest', 'end');
    case '%%':
      return trimmed(value, first, 'longest', 'end');
    case ',':
      return textOf(onFirst(value, lower));
    case ',,':
      return textOf(Array.from(value, lower).join(''));
    case '^':
      return textOf(onFirst(value, upper));
    case '^^':
      return textOf(Array.from(value, upper).join(''));
    case ':':
      return part(value, args);
    case '/':
      return textOf(value.replace(first, () => second));
    case '//':
      return replacedAll(value, first, second);
    case '/#':
      return textOf(
        args.length === 2 && value.startsWith(first) ? second + value.slice(first.length) : value,
      );
    case '/%':
      return textOf(
        args.length === 2 && value.endsWith(first)
          ? value.slice(0, value.length - first.length) + second
          : value,
      );
    default:
      return textOf(value === '' ? args.join('') : value);
  }
}

function textOf(text: string): Applied {
  return { kind: 'text', text };
}

/** Go puts a text before each character, and at the end, where it replaces nothing at all. */
function replacedAll(value: string, old: string, text: string): Applied {
  const pieces = old === '' ? ['', ...Array.from(value), ''] : value.split(old);
  if (value.length + pieces.length * text.length > maxLength) return { kind: 'undecided' };
  return textOf(pieces.join(text));
}

function onFirst(value: string, change: (character: string) => string): string {
  const [first = ''] = value;
  return change(first) + value.slice(first.length);
}

/** Go maps character by character, and JavaScript some characters to several. */
function lower(character: string): string {
  return character === 'İ' ? 'i' : character.toLowerCase();
}

/** Greek letters with an iota below: Go knows their capitals as one character. */
const iota = /[\u1f80-\u1f87\u1f90-\u1f97\u1fa0-\u1fa7]/;

function upper(character: string): string {
  const found = character.toUpperCase();
  if (Array.from(found).length <= 1) return found;
  const code = character.codePointAt(0) ?? 0;
  if (iota.test(character)) return String.fromCodePoint(code + 8);
  return ['ᾳ', 'ῃ', 'ῼ', 'ῳ'].includes(character) ? String.fromCodePoint((code & ~0xf) + 0xc) : character;
}

const notText = 'it splits a character';

function part(value: string, args: readonly string[]): Applied {
  const [position, length] = args.map(wholeNumber);
  if (position === undefined) return textOf(value);
  const bytes = bytesOf(value);
  const start = position < 0 ? Math.max(0, bytes.length + position) : position;
  if (args.length === 1) return cut(bytes, start, bytes.length);
  if (length === undefined) return textOf(value);
  if (start + length >= bytes.length) return cut(bytes, start, bytes.length);
  // Go's slice panics, and the controller reports it as an error.
  if (length < 0) return { kind: 'refused', why: `the length ${String(length)} is negative` };
  return cut(bytes, start, start + length);
}

/** As Go's strconv.Atoi reads it. */
function wholeNumber(text: string): number | undefined {
  return /^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function cut(bytes: string, from: number, to: number): Applied {
  const text = textOfBytes(bytes.slice(from, to));
  return text === undefined ? { kind: 'refused', why: notText } : textOf(text);
}

/** More than this takes a second to try. */
const maxTries = 2_000_000;

/** Kubernetes takes no object of this length. */
export const maxLength = 3 * 1024 * 1024;

/** Takes off what a shell pattern matches. A pattern at the end is tried on the value reversed, and reversed itself, so that a
 *  class of characters in it is not one. */
function trimmed(
  value: string,
  pattern: string,
  which: 'shortest' | 'longest',
  side: 'start' | 'end',
): Applied {
  const turn = side === 'start' ? (text: string) => text : reversed;
  const [bytes, glob] = [bytesOf(turn(value)), bytesOf(turn(pattern))];
  if (bytes.length ** 2 * glob.length > maxTries) return { kind: 'undecided' };
  let taken = 0;
  for (let end = bytes.length; end > 0; end--) {
    const isMatch = matchesShell(glob, bytes.slice(0, end));
    if (isMatch === undefined) return textOf(value);
    if (isMatch) taken = end;
    if (isMatch && which === 'longest') break;
  }
  const rest = bytes.slice(taken);
  // To turn a text around, Go reads each byte that is no character as U+FFFD.
  const text = textOfBytes(rest) ?? (side === 'end' ? textOfBytes(rest, false) : undefined);
  return text === undefined ? { kind: 'refused', why: notText } : textOf(turn(text));
}

function reversed(text: string): string {
  return Array.from(text).reverse().join('');
}

/** A character for each byte. */
function bytesOf(text: string): string {
  let bytes = '';
  for (const each of new TextEncoder().encode(text)) bytes += String.fromCharCode(each);
  return bytes;
}

/** undefined: not UTF-8 */
function textOfBytes(bytes: string, fatal = true): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal, ignoreBOM: true }).decode(
      Uint8Array.from(bytes, (each) => each.charCodeAt(0)),
    );
  } catch {
    return undefined;
  }
}
