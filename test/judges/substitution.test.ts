import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parseGoBool } from '../../src/k8s/istio-boolean.ts';
import { substitute } from '../../src/k8s/substitution.ts';
import { substituteObject } from '../../src/k8s/substituted-object.ts';
import { answersOf, substituted } from './harness/flux.ts';

const names = ['A', 'b_1', '_', 'ä', '1', 'unset'];
const characters = fc.constantFrom(
  ...[
    'a',
    'b',
    'B',
    '/',
    '\\',
    '$',
    '{',
    '}',
    ':',
    '-',
    '+',
    '=',
    '?',
    '#',
    '%',
    ',',
    '^',
    '*',
    '[',
    ']',
    '.',
    ' ',
  ],
  ...[
    '0',
    '1',
    '2',
    'é',
    'ß',
    '漢',
    '😀',
    'ς',
    'İ',
    '"',
    "'",
    '\n',
    '$$',
    '${',
    '\\/',
    '[a-c]',
    '[^a]',
    '**',
    '\u0301',
  ],
);
const text = fc.array(characters, { maxLength: 6 }).map((each) => each.join(''));
const name = fc.constantFrom(...names);
const operator = fc.constantFrom(
  ...[
    '',
    ':-',
    ':=',
    '=',
    ':?',
    ':+',
    '-',
    '+',
    '?',
    ',',
    ',,',
    '^',
    '^^',
    ',^',
    '#',
    '##',
    '%',
    '%%',
    ':',
    '/',
    '//',
  ],
  ...['/#', '/%', '::', '###', '^^^', '.', '[@]', '@Q', '!'],
);
const number = fc.integer({ min: -4, max: 8 }).map(String);

const { template } = fc.letrec<{ template: string; expansion: string; argument: string }>((tie) => ({
  argument: fc.oneof({ depthSize: 'small' }, text, number, tie('expansion')),
  expansion: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(name, operator, tie('argument')).map(([on, by, argument]) => `\${${on}${by}${argument}}`),
    fc
      .tuple(name, operator, tie('argument'), fc.constantFrom('/', ':'), tie('argument'))
      .map(([on, by, first, between, second]) => `\${${on}${by}${first}${between}${second}}`),
    name.map((on) => `\${#${on}}`),
    name.map((on) => `\${${on}}`),
    name.map((on) => `$${on}`),
    name.map((on) => `$\${${on}}`),
  ),
  template: fc
    .array(fc.oneof(text, tie('expansion')), { minLength: 1, maxLength: 4 })
    .map((each) => each.join('')),
}));

const value = fc.oneof(text, fc.constantFrom('', 'abcabc', 'aBc/def', 'straße', 'ΑΣ', 'http://a.b/c'));
const variables = fc.record({ A: value, b_1: value, _: value, ä: value, 1: value }, { requiredKeys: [] });
const question = fc.record({ text: template, variables });

function ours(asked: { readonly text: string; readonly variables: Readonly<Record<string, string>> }) {
  const result = substitute(asked.text, { known: new Map(Object.entries(asked.variables)), isWhole: true });
  return result.kind === 'text' ? result.text : undefined;
}

it('substitutes 20,000 templates as Flux does, byte by byte, and refuses the same', () => {
  const questions = fc.sample(question, { numRuns: 20_000, seed: 16 });
  const answers = answersOf(questions);

  const wrong = questions.flatMap((each, index) => {
    const [mine, flux] = [ours(each), answers[index]];
    return mine === flux ? [] : [{ ...each, mine, flux }];
  });

  expect(wrong.slice(0, 5)).toEqual([]);
  expect(answers.filter((each) => each !== undefined).length).toBeGreaterThan(5000);
  expect(answers.filter((each) => each === undefined).length).toBeGreaterThan(2000);
});

it('substitutes what people write as Flux does', () => {
  const known = { A: 'lab.example.com', E: '', N: '5', P: 'a/b/c.tar.gz' };
  const questions = [
    ...[
      '${A}',
      '$${A}',
      '$$$${A}',
      '$$',
      '$A',
      '$(A)',
      '${A:-x}',
      '${E:-x}',
      '${U:-x}',
      '${U:=x}',
      '${U=x}',
      '${U:+x}',
    ],
    ...[
      '${U-x}',
      '${U}',
      '${}',
      '${ A }',
      '${A.b}',
      '${A[@]}',
      '${U:-${A}}',
      '${U:-${V:-y}}',
      '${U:-}',
      '${#A}',
      '${#U}',
    ],
    ...[
      '${A^}',
      '${A^^}',
      '${A,,}',
      '${A:4}',
      '${A:0:3}',
      '${A:0:99}',
      '${A: -3}',
      '${P#*/}',
      '${P##*/}',
      '${P%.*}',
    ],
    ...[
      '${P%%.*}',
      '${P/b/x}',
      '${P//\\//-}',
      '${P/#a/x}',
      '${P/%gz/x}',
      '${P/b/}',
      '${U^^}',
      '${U/a/b}',
      '${A',
      'a}b{c',
    ],
  ].map((each) => ({ text: each, variables: known }));

  expect(questions.map(ours)).toEqual(answersOf(questions));
});

const written = fc.oneof(
  fc.constantFrom(
    ...[
      '${A}',
      'x ${A}',
      'v: ${A}',
      '[${A}]',
      '${A}${N}',
      '${Q}${N}${Q}',
      '${A}:80',
      'a\\nb ${A}\\n',
      'it is ${A}',
    ],
  ),
  fc.constantFrom(
    ...['${U:=5}', '${U:=true}', '${U}', "it's ${A}", '${A} # no', '- ${A}', '$${A}', 'plain', '$', '${N}%'],
  ),
);
const filledIn = fc.constantFrom(
  ...[
    '5',
    'yes',
    'true',
    '0x1F',
    '004',
    '1e3',
    '"7"',
    'a: b',
    '*x',
    '@x',
    "'x'",
    'a:b',
    'a#b',
    "it's",
    'a #b',
    '[1, 2]',
  ],
  ...[
    '{a: 1}',
    'null',
    '',
    'lab.example.com',
    '-',
    '1.5',
    '~',
    'No',
    'on',
    '%x',
    '`x',
    '&x y',
    '!x',
    '|',
    '>',
    '? x',
    'x:',
    '1_000',
    '0b11',
    '0o17',
    '.inf',
    'y',
    'N',
    '+5',
    '007',
    '08',
    '12:30:45',
    '2026-01-01',
  ],
);

it('fills in whole objects as Flux does', () => {
  let accepted = 0;
  const cases = fc.sample(fc.record({ text: written, A: filledIn }), { numRuns: 300, seed: 16 });
  const wrong = cases.flatMap(({ text, A }) => {
    const known = { A, N: '5', Q: '"' };
    const object = {
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: { name: 'x' },
      spec: { k: text, l: [text] },
    };
    const answer = substituted(JSON.stringify(object), known);
    const flux = answer.ok
      ? (parseAllDocuments(answer.text).map((each) => each.toJS() as unknown)[0] ?? null)
      : undefined;
    const mine = substituteObject(object, { known: new Map(Object.entries(known)), isWhole: true });
    if (answer.ok) accepted++;
    const value = mine.refused.length > 0 ? undefined : mine.value;
    return isDeepStrictEqual(value, flux)
      ? []
      : [
          {
            text,
            A,
            mine: value?.spec,
            flux: (flux as typeof object | undefined)?.spec,
            error: answer.ok ? '' : answer.error,
          },
        ];
  });

  expect(wrong.slice(0, 20)).toEqual([]);
  expect(accepted).toBeGreaterThan(100);
  expect(accepted).toBeLessThan(280);
});

it("reads booleans as Go's strconv.ParseBool does", () => {
  const words = ['1', 't', 'T', 'TRUE', 'true', 'True', '0', 'f', 'F', 'FALSE', 'false', 'False'];
  const others = [
    '',
    ' ',
    'tRUE',
    'yes',
    'no',
    'on',
    'off',
    'y',
    'n',
    '2',
    '-1',
    'null',
    'True ',
    ' true',
    'wahr',
    'ｔ',
  ];
  const texts = [...words, ...others, ...fc.sample(fc.string({ maxLength: 5 }), { numRuns: 2000, seed: 16 })];

  expect(
    texts.map((each) => parseGoBool(each)).map((each) => (each === undefined ? undefined : String(each))),
  ).toEqual(answersOf(texts.map((each) => ({ text: each, isBoolean: true }))));
});
