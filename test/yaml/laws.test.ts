import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { YamlEdit } from '../../src/model/edit.ts';
import type { JsonValue, YamlPath } from '../../src/model/json.ts';
import { applyToValue, editYaml } from '../../src/yaml/edit.ts';
import { printScalar, printValue } from '../../src/yaml/print.ts';
import { readYaml } from '../../src/yaml/read.ts';
import { runs } from '../sampling.ts';

const key = fc.stringMatching(/^[a-z]{1,6}$/);
const scalar = fc.oneof(
  fc.stringMatching(/^[a-z ]{1,12}$/),
  fc.integer({ min: -9, max: 99 }),
  fc.boolean(),
  fc.constant('a: b #c'),
  fc.constant('"q"'),
);
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  ),
}));

interface Style {
  readonly step: number;
  readonly indentLists: boolean;
  readonly crlf: boolean;
  readonly isEnded: boolean;
  readonly comments: boolean;
  readonly marker: boolean;
}
const style: fc.Arbitrary<Style> = fc.record({
  step: fc.constantFrom(2, 4),
  indentLists: fc.boolean(),
  crlf: fc.boolean(),
  isEnded: fc.boolean(),
  comments: fc.boolean(),
  marker: fc.boolean(),
});

/** A map as someone might have written it. */
function written(
  map: Readonly<Record<string, JsonValue>>,
  { step, indentLists, crlf, isEnded, comments, marker }: Style,
): string {
  const lines = printValue(map, 0, { step, indentLists });
  const spread = comments
    ? lines.flatMap((line, index) =>
        index % 3 === 0 ? ['# note', `${line} # why`] : index % 3 === 1 ? [line, ''] : [line],
      )
    : lines;
  const newline = crlf ? '\r\n' : '\n';
  return [...(marker ? ['---'] : []), ...spread].join(newline) + (isEnded ? newline : '');
}

const map = fc.dictionary(key, value, { minKeys: 1, maxKeys: 4 });

function pathsOf(at: JsonValue, path: YamlPath = []): YamlPath[] {
  if (typeof at !== 'object' || at === null) return [path];
  const below = Array.isArray(at)
    ? at.flatMap((item: JsonValue, index) => pathsOf(item, [...path, index]))
    : Object.entries(at).flatMap(([name, item]) => pathsOf(item, [...path, name]));
  return [path, ...below];
}

const edited = fc.tuple(map, style).chain(([content, look]) => {
  const paths = pathsOf(content).filter((path) => path.length > 0);
  const edit: fc.Arbitrary<YamlEdit> = fc.oneof(
    fc.record({ op: fc.constant('set' as const), path: fc.constantFrom(...paths), value: scalar }),
    fc.record({
      op: fc.constant('set' as const),
      path: fc.tuple(fc.constantFrom(...paths, []), key).map(([path, name]) => [...path, name]),
      value,
    }),
    fc.record({ op: fc.constant('append' as const), path: fc.constantFrom(...paths), value }),
    fc.record({ op: fc.constant('delete' as const), path: fc.constantFrom(...paths) }),
  );
  return fc.record({
    content: fc.constant(content as JsonValue),
    text: fc.constant(written(content, look)),
    edit,
  });
});

/** Whether the characters of `part` occur in `whole` in this order. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (const character of part) {
    at = whole.indexOf(character, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

const often = { numRuns: runs(1500, 400) };

describe('an edit of any file', () => {
  it('means exactly what it says, or is refused', () => {
    let done = 0;
    fc.assert(
      fc.property(edited, ({ content, text, edit }) => {
        const result = editYaml(text, 'f', 0, [edit]);
        if (!result.ok) return;
        done++;
        const read = readYaml(result.value, 'f');
        expect(read.ok && read.value.documents[0]?.value).toEqual(applyToValue(content, [edit]));
      }),
      often,
    );
    // Appending to a scalar and the like is rightly refused; most else must be done.
    expect(done).toBeGreaterThan(often.numRuns / 3);
  });

  it('changes one place: what is before and after it keeps every byte', () => {
    fc.assert(
      fc.property(edited, ({ text, edit }) => {
        const result = editYaml(text, 'f', 0, [edit]);
        if (!result.ok || edit.op !== 'append') return;
        const after = result.value;
        let head = 0;
        while (head < text.length && text[head] === after[head]) head++;
        let tail = 0;
        while (tail < text.length - head && text.at(-1 - tail) === after.at(-1 - tail)) tail++;
        const lost = text.slice(head, text.length - tail).replace(/[[\]{}\s]|null/g, '');
        const gained = after.slice(head, after.length - tail);
        // Nothing written goes but an empty list that is filled; a comment behind it may move up a line.
        expect(isWithin(lost, gained)).toBe(true);
      }),
      often,
    );
  });

  it('done twice is done once', () => {
    fc.assert(
      fc.property(edited, ({ text, edit }) => {
        if (edit.op !== 'set') return;
        const once = editYaml(text, 'f', 0, [edit]);
        if (once.ok)
          expect(editYaml(once.value, 'f', 0, [edit])).toMatchObject({ ok: true, value: once.value });
      }),
      often,
    );
  });

  it('never throws, and reading never hangs, whatever the text is', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(...Array.from('ab:-[]{}#&*!|>\'"%@, \n\t?')), maxLength: 60 }),
    );
    fc.assert(
      fc.property(text, (any) => {
        const read = readYaml(any, 'f');
        if (read.ok && read.value.documents.length > 0)
          editYaml(any, 'f', 0, [{ op: 'set', path: ['a', 'b'], value: 'x' }]);
      }),
      { numRuns: runs(3000, 800) },
    );
  });
});

describe('a printed value', () => {
  it('is read back as itself, whatever its strings are', () => {
    const anyValue = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });
    fc.assert(
      fc.property(anyValue, fc.constantFrom(2, 4), fc.boolean(), (json, step, indentLists) => {
        const printed = printValue(json as JsonValue, 0, { step, indentLists }).join('\n');
        const read = readYaml(printed, 'f');
        const expected = JSON.parse(
          JSON.stringify(json)
            .replace(/\\ud[89a-f][0-9a-f]{2}/gi, '\\ufffd')
            .replace(/-0(?![.\d])/g, '0'),
        ) as unknown;
        expect(read.ok && JSON.stringify(read.value.documents[0]?.value)).toBe(JSON.stringify(expected));
      }),
      { numRuns: runs(1500, 400) },
    );
  });

  it('keeps a scalar on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printScalar(text)).not.toMatch(/[\n\r\u0085\u2028\u2029]/);
      }),
    );
  });
});
