import { parseAllDocuments, stringify } from 'yaml';
import type { Random } from '../../traffic/random.ts';

/** A text made from others by chance, and how. */
export interface Mutant {
  readonly how: string;
  readonly text: string;
}

type Change = (text: string, random: Random, corpus: readonly string[]) => string;

const oddities = [
  '\t',
  '\r\n',
  '\r',
  '\u0000',
  '\u001b[31m',
  '\ufeff',
  '\ud800',
  '\u2028',
  '&a ',
  '*a',
  '<<: *a\n',
  '!!binary ',
  '!!set ',
  '!<tag:x> ',
  '? ',
  '|\n',
  '>-\n',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '{{ .Values.x }}',
  '${x}',
  '$(x)',
  '#',
  '"',
  "'",
  '[',
  '}',
  ': ',
  '- ',
  '~',
  '.inf',
  '0x1F',
  '1_000',
  '2026-11-25',
  '__proto__: ',
  'constructor: ',
];

const changes: Readonly<Record<string, Change>> = {
  character(text, random) {
    const at = random.below(text.length + 1);
    const code = random.below(2) === 0 ? random.below(128) : random.below(65_536);
    return text.slice(0, at) + String.fromCharCode(code) + text.slice(at + random.below(2));
  },
  oddity(text, random) {
    const at = random.below(text.length + 1);
    return text.slice(0, at) + random.pick(oddities) + text.slice(at);
  },
  cut(text, random) {
    return text.slice(0, random.below(text.length + 1));
  },
  lines(text, random) {
    const lines = text.split('\n');
    const [from, to] = [random.below(lines.length), random.below(lines.length)];
    const line = lines[from] ?? '';
    const what = random.below(4);
    if (what === 0) lines.splice(from, 1);
    else if (what === 1) lines.splice(to, 0, line);
    else if (what === 2) lines.splice(from, 1, lines[to] ?? '');
    else lines.splice(from, 1, `${' '.repeat(random.below(5))}${line.trimStart()}`);
    return lines.join('\n');
  },
  splice(text, random, corpus) {
    const other = random.pick(corpus);
    const lines = text.split('\n');
    const others = other.split('\n');
    return [
      ...lines.slice(0, random.below(lines.length + 1)),
      ...others.slice(random.below(others.length)),
    ].join('\n');
  },
  'line ends': (text) => text.replaceAll('\n', '\r\n'),
  neighbours: (text, random, corpus) => `${text.trimEnd()}\n---\n${random.pick(corpus)}`,
  structure(text, random) {
    const values = valuesOf(text);
    if (values === undefined) return text;
    for (let count = 1 + random.below(3); count > 0; count--) mutate(values, random);
    return values.map((value) => stringify(value)).join('---\n');
  },
};

function valuesOf(text: string): unknown[] | undefined {
  const documents = [...parseAllDocuments(text, { logLevel: 'silent' })];
  if (documents.some(({ errors }) => errors.length > 0)) return undefined;
  try {
    return documents.map((document): unknown => document.toJS());
  } catch {
    // An alias of nothing, which only shows when it is followed.
    return undefined;
  }
}

const deep = (levels: number): unknown => (levels === 0 ? 'x' : [{ x: deep(levels - 1) }]);

/** Values of every type, and texts that programs trip over. */
const values: readonly (() => unknown)[] = [
  () => null,
  () => '',
  () => true,
  () => 0,
  () => -1,
  () => 65_536,
  () => 1e308,
  () => Number.NaN,
  () => 9_007_199_254_740_993,
  () => [],
  () => [null],
  () => [[]],
  () => ({}),
  () => ({ '': '' }),
  () => [{}],
  () => deep(20),
  () => 'x'.repeat(5000),
  () => `${'a.'.repeat(2000)}b`,
  () => '*',
  () => '**',
  () => '*.*',
  () => '/',
  () => './',
  () => '//',
  () => '(a+)+$',
  () => '[',
  () => `${'*'.repeat(40)}x`,
  () => '${x}',
  () => 'a\nb\u001b]0;x\u0007',
  () => '__proto__',
  () => 'constructor',
  () => 'toString',
  () => '8080',
  () => '-',
  () => '.',
  () => 'a'.repeat(64),
  () => JSON.parse('{"__proto__": {"a": 1}, "constructor": 1, "hasOwnProperty": []}') as unknown,
];

function mutate(root: unknown[], random: Random): void {
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const walk = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    const holder = value as Record<string, unknown>;
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      walk(holder[key]);
    }
  };
  walk(root);
  if (places.length === 0) return;
  const { holder, key } = random.pick(places);
  const other = random.pick(places);
  const what = random.below(5);
  if (what === 0 && !Array.isArray(holder)) Reflect.deleteProperty(holder, key);
  else if (what === 1) holder[key] = structuredClone(other.holder[other.key]);
  else if (what === 2 && Array.isArray(holder)) holder.push(structuredClone(holder[Number(key)]));
  else holder[key] = random.pick(values)();
}

/** One text of a corpus after one to three changes. */
export function mutantOf(corpus: readonly string[], random: Random): Mutant {
  let text = random.pick(corpus);
  const names: string[] = [];
  for (let count = 1 + random.below(3); count > 0; count--) {
    const name = random.pick(Object.keys(changes));
    names.push(name);
    text = changes[name]?.(text, random, corpus) ?? text;
  }
  return { how: names.join(', '), text };
}

/** A text whose every value that is a text is another one, but for what tells which object it is; undefined: it is not YAML. */
export function withEveryText(text: string, word: string): string | undefined {
  const replaced = (value: unknown, key: string | undefined): unknown => {
    if (typeof value === 'string') return key === 'apiVersion' || key === 'kind' ? value : word;
    if (Array.isArray(value)) return value.map((item) => replaced(item, undefined));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaced(each, name)]));
  };
  return valuesOf(text)
    ?.map((value) => stringify(replaced(value, undefined)))
    .join('---\n');
}
