import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readPlain } from '../../src/yaml/plain.ts';
import { runs } from '../sampling.ts';

/** What the library reads; undefined: it finds an error. */
function readInFull(text: string): unknown {
  const documents = [
    ...parseAllDocuments(text, { uniqueKeys: false, merge: true, prettyErrors: false, logLevel: 'silent' }),
  ];
  if (documents.some(({ errors }) => errors.length > 0)) return undefined;
  return documents.map((document) => (document.toJS({ maxAliasCount: 200 }) as unknown) ?? null);
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const manifests = ['examples', 'test/lint', 'test/fleet', 'templates'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ya?ml|hbs)$/.test(name))
    .map((name) => readFileSync(join(root, folder, name), 'utf8')),
);

it('most manifests are plain', () => {
  const plain = manifests.filter((text) => readPlain(text) !== undefined);

  expect(manifests.length).toBeGreaterThan(100);
  expect(plain.length / manifests.length).toBeGreaterThan(0.5);
});

it.each([
  ['a comment inside quotes', 'a: "x # y"\n'],
  ['a plain scalar over two lines', 'a: x\n  y\n'],
  ['an anchor', 'a: &x 1\n'],
  ['an alias', 'a: *x\n'],
  ['a tag', 'a: !!str 1\n'],
  ['a merge key', '<<: {a: 1}\n'],
  ['a key twice', 'a: 1\na: 2\n'],
  ['a float', 'a: 1.5\n'],
  ['an octal number', 'a: 0o17\n'],
  ['a tab', 'a:\tb\n'],
  ['CRLF', 'a: b\r\n'],
  ['a folded block', 'a: >\n  b\n'],
  ['an escape', 'a: "\\n"\n'],
  ['flow over two lines', 'a: [1,\n  2]\n'],
  ['a flow list that ends with a comma', 'a: [1, ]\n'],
  ['a pair in a flow list', 'a: [b: c]\n'],
  ['a key without a value in a flow map', 'a: {b, c: 1}\n'],
  ['a key twice in a flow map', 'a: {b: 1, b: 2}\n'],
  ['the prototype in a flow map', 'a: {__proto__: {b: 1}}\n'],
  ['a quoted key in a flow map', 'a: {"b": 1}\n'],
  ['a key that its value touches', 'a: {b:[1]}\n'],
  ['what follows a flow list', 'a: [1] b\n'],
  ['an alias in flow', 'a: [*b]\n'],
  ['flow without an end', 'a: {b: [1}\n'],
  ['flow of many levels', `a: ${'['.repeat(30)}1${']'.repeat(30)}\n`],
  ['a document that is a scalar', 'a\n'],
  ['nothing', ''],
  ['a directive', '%YAML 1.2\n---\na: b\n'],
  ['an indentation that fits nowhere', 'a:\n    b: 1\n  c: 2\n'],
  ['the prototype', '__proto__: {a: 1}\n'],
  ['a no-break space', 'a: b\u00a0\n'],
])('%s is left to the full reading', (_, text) => {
  expect(readPlain(text)).toBeUndefined();
});

it('reads lists at the indentation of their key, empty values, literals and short flow', () => {
  const text =
    'a:\n- b: 1\n  c:\n- "x"\nd: |\n  one\n   two\n\ne: {number: 80, name: h} # why\n---\n---\nf: [a, \'*\']\n';

  expect(readPlain(text)).toEqual([
    { a: [{ b: 1, c: null }, 'x'], d: 'one\n two\n', e: { number: 80, name: 'h' } },
    null,
    { f: ['a', '*'] },
  ]);
});

it('reads flow of any kind on one line, and comments behind quotes', () => {
  const text = [
    'a: [[1, -2], [], {}, {b: [x:1, http://h/p, {c: "d, e: [f]"}]}] # it\'s one line',
    'g: "h" # why "so"',
    "i: do # don't",
    '',
  ].join('\n');

  expect(readPlain(text)).toEqual([
    { a: [[1, -2], [], {}, { b: ['x:1', 'http://h/p', { c: 'd, e: [f]' }] }], g: 'h', i: 'do' },
  ]);
});

describe('what it reads is what the full reading gives', () => {
  it('for every manifest of this repository', () => {
    for (const text of manifests) {
      const quick = readPlain(text);
      if (quick !== undefined) expect(quick).toEqual(readInFull(text));
    }
  });

  const pieces = [
    '\n',
    ' ',
    '  ',
    '- ',
    ': ',
    '#',
    ' #',
    '"',
    "'",
    '|',
    '>',
    '-',
    '[',
    ']',
    '{',
    '}',
    ',',
    '&a',
    '*a',
  ];
  const more = [
    '!',
    '~',
    'null',
    'true',
    '0',
    '1',
    '.',
    '---\n',
    '%',
    '\\',
    'é',
    '\t',
    '\r',
    '_',
    '@',
    '? ',
    'e',
    '+',
  ];

  it('for manifests with random pieces put in, taken out and copied', () => {
    const edit = fc.record({
      at: fc.nat(),
      cut: fc.nat({ max: 5 }),
      put: fc.oneof(fc.constantFrom(...pieces, ...more), fc.nat({ max: 400 })),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...manifests),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (text, edits) => {
          let now = text.slice(0, 3000);
          for (const { at, cut, put } of edits) {
            const place = at % (now.length + 1);
            const piece = typeof put === 'string' ? put : now.slice(put, put + 20);
            now = now.slice(0, place) + piece + now.slice(place + cut);
          }
          const quick = readPlain(now);
          if (quick !== undefined) expect(quick).toEqual(readInFull(now));
        },
      ),
      { numRuns: runs(3000, 800) },
    );
  });

  it('for flow made of such pieces', () => {
    const word = fc.constantFrom(
      ...[
        'a',
        'b: ',
        'c:',
        '[',
        ']',
        '{',
        '}',
        ', ',
        ',',
        ' ',
        '"x, y"',
        "'z'",
        '1',
        '-1',
        'x:y',
        '[]',
        '{}',
      ],
      ...[
        '{d: ',
        '[e, ',
        '}',
        ']',
        ' #',
        '#',
        "'",
        '"',
        '~',
        '*a',
        '- ',
        '? ',
        '!',
        '\\',
        ':',
        '0x1',
        'true',
      ],
    );
    fc.assert(
      fc.property(
        fc.constantFrom('k: [', 'k: {', '- [', '- {a: '),
        fc.array(word, { maxLength: 12 }),
        fc.constantFrom(']', '}', ']}', '}]', ''),
        (start, words, end) => {
          const text = `${start}${words.join('')}${end}\n`;
          const quick = readPlain(text);
          if (quick !== undefined) expect(quick).toEqual(readInFull(text));
        },
      ),
      { numRuns: runs(20_000, 5000) },
    );
  });

  it('for texts made of such pieces', () => {
    const word = fc.constantFrom(
      'a',
      'b',
      'a: ',
      'b: ',
      'a:\n',
      '\n',
      '\n  ',
      '\n- ',
      '\n  - ',
      ...pieces,
      ...more,
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 14 }), (words) => {
        const text = words.join('');
        const quick = readPlain(text);
        if (quick !== undefined) expect(quick).toEqual(readInFull(text));
      }),
      { numRuns: runs(6000, 1500) },
    );
  });
});
