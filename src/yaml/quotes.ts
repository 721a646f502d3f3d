import { parseDocument, visit, isScalar, type Document } from 'yaml';

/** A quoted text that goes on, in a later line, less deeply indented than it may. The tools of Kubernetes read it all the
 *  same, as many CRDs and scripts are written so; the library ends it at the line's end.
 *  @see https://yaml.org/spec/1.2.2/#732-double-quoted-style */
interface Overhang {
  /** Where the first line of it ends. */
  readonly start: number;
  /** Its closing quote. */
  readonly end: number;
}

const maxRounds = 6;

/** Reads a text again in which such lines are joined, with as many characters, so that every place stays where it is.
 *  @returns undefined when that is not all that is wrong with it */
export function readOverhanging(
  text: string,
  documents: readonly Document[],
  parse: (text: string) => readonly Document[],
): readonly Document[] | undefined {
  let joined = text;
  let parsed = documents;
  const overhangs: Overhang[] = [];
  for (let round = 0; round < maxRounds; round++) {
    const found = overhangsIn(joined, parsed);
    if (found.length === 0) return undefined;
    overhangs.push(...found);
    joined = join(joined, found);
    parsed = parse(joined);
    if (parsed.every(({ errors }) => errors.length === 0)) {
      restore(text, parsed, overhangs);
      return parsed;
    }
  }
  return undefined;
}

function overhangsIn(text: string, documents: readonly Document[]): readonly Overhang[] {
  const found: Overhang[] = [];
  for (const { errors } of documents)
    for (const { code, message, pos } of errors) {
      if (code !== 'MISSING_CHAR' || !message.startsWith('Missing closing')) continue;
      const start = pos[0];
      if (start < (found.at(-1)?.end ?? 0)) continue;
      const end = message.includes('"quote') ? closingDouble(text, start) : closingSingle(text, start);
      // What follows a first mistake may be none itself.
      if (end === -1 || /\n(---|\.\.\.)(\s|$)/.test(text.slice(start, end))) break;
      found.push({ start, end });
    }
  return found;
}

function closingSingle(text: string, from: number): number {
  let end = text.indexOf("'", from);
  while (end !== -1 && text[end + 1] === "'") end = text.indexOf("'", end + 2);
  return end;
}

function closingDouble(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}

function join(text: string, overhangs: readonly Overhang[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of overhangs) {
    parts.push(text.slice(at, start), text.slice(start, end).replace(/[\r\n]/g, ' '));
    at = end;
  }
  return parts.join('') + text.slice(at);
}

/** Gives the joined texts the value that their own lines have. */
function restore(text: string, documents: readonly Document[], overhangs: readonly Overhang[]): void {
  const ends = new Set(overhangs.map(({ end }) => end));
  for (const document of documents)
    visit(document, {
      Scalar(_, node) {
        const [from, to] = node.range ?? [0, 0];
        if (!ends.has(to - 1)) return;
        const own = parseDocument(text.slice(from, to).replace(/\n/g, '\n '), {
          logLevel: 'silent',
        }).contents;
        if (isScalar(own)) node.value = own.value;
      },
    });
}
