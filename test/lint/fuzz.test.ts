import { expect, it } from 'vitest';
import { fuzz, fuzzWord } from './fuzz/run.ts';

it('lint takes whatever it is given: 2,000 mutants of its own examples, no crash, every finding in its file', async () => {
  const { failures, findings } = await fuzz(0, 2000);

  expect(failures).toEqual([]);
  expect(findings).toBeGreaterThan(2000);
});

it.each(
  [
    '__proto__',
    'constructor',
    'toString',
    '',
    '*',
    '/',
    '.',
    '-',
    ':',
    '${x}',
    '(a+)+$',
    'a\nb',
    '\u001b[31m',
    'x'.repeat(5000),
    'a.'.repeat(5000),
    '*'.repeat(5000),
    '/'.repeat(5000),
    '{*}'.repeat(1000),
  ].map((word) => [word.length > 20 ? `${word.slice(0, 8)} …` : word, word] as const),
)('with every text of its examples replaced by %j', async (_, word) => {
  expect(await fuzzWord(word)).toEqual([]);
});
