import { parseAllDocuments, stringify } from 'yaml';
import { describe, expect, it } from 'vitest';
import { lint } from '../../src/lint/lint.ts';
import { rules } from '../../src/lint/all-rules.ts';
import { isList, isObject, type JsonValue } from '../../src/model/json.ts';
import { workOf } from './fuzz/work.ts';
import { clustersOf, fixturesOf } from './fixture.ts';

const units = [
  '/',
  '*',
  '.',
  '-',
  'a',
  ' ',
  '%',
  '{',
  '}',
  '$',
  '${',
  '{*}',
  '(',
  '[',
  '\\',
  '\n',
  ',',
  ':',
  '=',
  '0',
  '?',
  '"',
  'a.',
  'a/',
  'é',
];

/** Every unit, again and again: one text in which each has a long run. */
const evil = (length: number) => units.map((unit) => unit.repeat(Math.ceil(length / unit.length))).join('!');

interface Place {
  /** The kind and the fields above, without the places in lists. */
  readonly name: string;
  /** The documents with a text in this place. */
  readonly put: (text: string) => string;
}

/** Each text of some documents once, and each name in a map. */
function placesIn(text: string): readonly Place[] {
  const documents = parseAllDocuments(text).map((each) => each.toJS() as JsonValue);
  const found = new Map<string, Place>();
  const note = (name: string, put: Place['put']) => {
    if (!found.has(name)) found.set(name, { name, put });
  };
  const visit = (value: JsonValue, name: string, withValue: (value: JsonValue) => string): void => {
    if (typeof value === 'string') note(name, withValue);
    else if (isList(value))
      for (const [index, item] of value.entries())
        visit(item, `${name}[]`, (put) => withValue(value.with(index, put)));
    else if (isObject(value))
      for (const [key, member] of Object.entries(value)) {
        if (name === '' && (key === 'apiVersion' || key === 'kind')) continue;
        visit(member, `${name}.${key}`, (put) => withValue({ ...value, [key]: put }));
        note(`${name}.${key} as a key`, (put) => withValue({ ...value, [put]: member }));
      }
  };
  for (const [index, document] of documents.entries())
    visit(document, '', (put) =>
      documents
        .with(index, put)
        .map((each) => stringify(each, { lineWidth: 0 }))
        .join('---\n'),
    );
  return [...found.values()];
}

it('the count shows a loop that reads all that is left again and again', () => {
  const dropSlashes = (text: string) => {
    let rest = text;
    while (rest.endsWith('/')) rest = rest.slice(0, -1);
  };
  const [once, twice] = [250, 500].map((length) =>
    workOf(() => {
      dropSlashes('/'.repeat(length));
    }),
  );

  expect(twice).toBeGreaterThan(3 * (once ?? 0));
});

describe('twice the text is at most twice the work', () => {
  it.each(rules.map((rule) => [rule.id, rule] as const))('of %s', async (id, rule) => {
    const [example] = fixturesOf(id, 'bad');
    const more: string[] = [];
    for (const [file, text] of Object.entries(example?.files ?? {}))
      for (const { name, put } of placesIn(text)) {
        const work = async (length: number) => {
          const files = { ...example?.files, [file]: put(evil(length)) };
          const fresh = await clustersOf({ files, fleet: example?.fleet });
          // Where things are written is read once, by the YAML library, whose work is not ours.
          lint(fresh(), [rule]);
          return workOf(() => lint(fresh(), [rule]));
        };
        const [once, twice] = [await work(250), await work(500)];
        if (twice > 2.2 * once) more.push(`${name}: ${String(once)}, then ${String(twice)}`);
      }

    expect(more).toEqual([]);
  });
});
