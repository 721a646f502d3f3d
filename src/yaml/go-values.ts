import { isScalar, Scalar, visit, type Document } from 'yaml';
import { isObject, type JsonObject, type JsonValue } from '../model/json.ts';
import { readYaml } from './read.ts';

/** Words of YAML 1.1 that Go's reader takes for booleans beside true and false. */
export const goBooleans: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
]);

/** What the two versions of YAML may read in different ways, and then something around it. */
const odd = /(?<!\w)(?:[yY](?:es)?|YES|[nN]o?|NO|[oO]n|ON|[oO]ff|OFF|0[0-7_]+|0[bo][0-7]+|\d+_[\d_]*)(?!\w)/;

/** The map that a text holds as Helm reads values: its first document, by YAML 1.1, where `yes` is true and 010 is eight. An
 *  empty text is an empty map.
 *  @returns a text: why Helm can't read it
 *  @see https://github.com/kubernetes-sigs/yaml */
export function helmValues(text: string): JsonObject | string {
  const read = readYaml(text, '');
  if (!read.ok) return read.problems[0]?.message ?? 'it is not YAML';
  const [first] = read.value.documents;
  if (first === undefined || first.value === null) return {};
  const infinite = /\.(?:inf|nan)/i.test(text) ? infiniteIn(first.node) : undefined;
  if (infinite !== undefined) return `JSON has no number ${infinite}`;
  const value = odd.test(text) ? asGoReads(first.node) : first.value;
  return isObject(value) ? value : 'it is not a map';
}

/** A number that Go's JSON refuses: infinity, or none at all. */
function infiniteIn(document: Document): string | undefined {
  let found: string | undefined;
  visit(document, {
    Scalar(_, { type, tag, value, source }) {
      if (type !== Scalar.PLAIN || tag !== undefined) return undefined;
      if (typeof value !== 'number' || Number.isFinite(value)) return undefined;
      found = source;
      return visit.BREAK;
    },
  });
  return found;
}

function asGoReads(document: Document): JsonValue {
  const copy = document.clone();
  visit(copy, {
    Scalar(_, scalar) {
      if (scalar.type !== Scalar.PLAIN || scalar.tag !== undefined) return;
      const value = plainValue(scalar.source ?? '');
      if (value !== undefined) scalar.value = value;
    },
    Pair(_, { key }) {
      // A boolean for a key is a text again in JSON, and not the one that was written.
      if (isScalar(key) && key.type === Scalar.PLAIN && typeof key.value === 'string') {
        const word = goBooleans.get(key.value);
        if (word === undefined) return;
        key.type = Scalar.QUOTE_DOUBLE;
        key.value = String(word);
      }
    },
  });
  return copy.toJS({ maxAliasCount: 200 }) as JsonValue;
}

/** undefined: both versions read it in the same way. */
function plainValue(source: string): boolean | number | undefined {
  const word = goBooleans.get(source);
  if (word !== undefined) return word;
  const digits = source.replaceAll('_', '');
  if (/^[-+]?0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  const based = /^([-+]?)0([bo])([0-7]+)$/.exec(digits);
  if (based !== null) {
    const number = Number.parseInt(based[3] ?? '', based[2] === 'b' ? 2 : 8);
    return based[1] === '-' ? -number : number;
  }
  return source !== digits && /^[-+]?[1-9]\d*$/.test(digits) ? Number(digits) : undefined;
}
