/** Whether a pattern matches a whole name, as Go's path.Match has it but for slashes, which are characters like others.
 *  @param pattern  bytes, a character for each; `name` too
 *  @returns undefined: the pattern is malformed, as far as it was read
 *  @see https://github.com/fluxcd/pkg/blob/main/envsubst/path/match.go */
export function matchesShell(pattern: string, name: string): boolean | undefined {
  let [left, rest] = [pattern, name];
  while (left !== '') {
    const { isStar, chunk, after } = chunkOf(left);
    left = after;
    if (isStar && chunk === '') return true;
    const here = matchChunk(chunk, rest);
    if (here === undefined) return undefined;
    if (here !== false && (here === '' || left !== '')) {
      rest = here;
      continue;
    }
    if (!isStar) return false;
    const found = firstMatch(chunk, rest, left === '');
    if (found === undefined || found === false) return found;
    rest = found;
  }
  return rest === '';
}

/** What is left where a chunk matches further on. */
function firstMatch(chunk: string, name: string, isLast: boolean): string | false | undefined {
  for (let at = 1; at <= name.length; at++) {
    const found = matchChunk(chunk, name.slice(at));
    if (found === undefined) return undefined;
    if (found !== false && !(isLast && found !== '')) return found;
  }
  return false;
}

function chunkOf(pattern: string): {
  readonly isStar: boolean;
  readonly chunk: string;
  readonly after: string;
} {
  let start = 0;
  while (pattern[start] === '*') start++;
  let isClass = false;
  let end = start;
  for (; end < pattern.length; end++) {
    const character = pattern[end];
    if (character === '\\') {
      if (end + 1 < pattern.length) end++;
    } else if (character === '[') isClass = true;
    else if (character === ']') isClass = false;
    else if (character === '*' && !isClass) break;
  }
  return { isStar: start > 0, chunk: pattern.slice(start, end), after: pattern.slice(end) };
}

/** What is left of a name after a chunk; false: it does not begin so; undefined: the chunk is malformed. */
function matchChunk(chunk: string, name: string): string | false | undefined {
  let at = 0;
  let rest = name;
  while (at < chunk.length) {
    if (rest === '') return false;
    if (chunk[at] === '[') {
      const width = runeWidth(rest);
      const found = matchClass(chunk, at + 1, runeAt(rest, 0));
      if (found === undefined) return undefined;
      if (!found.isMatch) return false;
      at = found.end;
      rest = rest.slice(width);
      continue;
    }
    if (chunk[at] === '?') {
      rest = rest.slice(runeWidth(rest));
      at++;
      continue;
    }
    if (chunk[at] === '\\' && ++at >= chunk.length) return undefined;
    if (chunk[at] !== rest[0]) return false;
    rest = rest.slice(1);
    at++;
  }
  return rest;
}

/** @param start  after the bracket */
function matchClass(
  chunk: string,
  start: number,
  rune: number,
): { readonly isMatch: boolean; readonly end: number } | undefined {
  const isNegated = chunk[start] === '^';
  let at = isNegated ? start + 1 : start;
  let isListed = false;
  for (let ranges = 0; !(chunk[at] === ']' && ranges > 0); ranges++) {
    const low = classRune(chunk, at);
    if (low === undefined) return undefined;
    let high = low;
    if (chunk[low.end] === '-') {
      const found = classRune(chunk, low.end + 1);
      if (found === undefined) return undefined;
      high = found;
    }
    if (low.rune <= rune && rune <= high.rune) isListed = true;
    at = high.end;
  }
  return { isMatch: isListed !== isNegated, end: at + 1 };
}

function classRune(
  chunk: string,
  start: number,
): { readonly rune: number; readonly end: number } | undefined {
  if (start >= chunk.length || chunk[start] === '-' || chunk[start] === ']') return undefined;
  const at = chunk[start] === '\\' ? start + 1 : start;
  const rune = runeAt(chunk, at);
  const end = at + runeWidth(chunk.slice(at, at + 4));
  return end >= chunk.length || (rune === broken && end === at + 1) ? undefined : { rune, end };
}

/** What Go reads where there is no UTF-8. */
const broken = 0xfffd;

function decodedAt(bytes: string, at: number): string | undefined {
  const first = bytes.charCodeAt(at);
  const width = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      Uint8Array.from(bytes.slice(at, at + width), (each) => each.charCodeAt(0)),
    );
  } catch {
    return undefined;
  }
}

function runeAt(bytes: string, at: number): number {
  return decodedAt(bytes, at)?.codePointAt(0) ?? broken;
}

/** In bytes. */
function runeWidth(bytes: string): number {
  const decoded = decodedAt(bytes, 0);
  return decoded === undefined ? 1 : new TextEncoder().encode(decoded).length;
}
