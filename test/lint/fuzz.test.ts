import { expect, it } from 'vitest';
import { fuzz, fuzzWord } from './fuzz/run.ts';
import { firstOf, runs, slice } from '../sampling.ts';

const mutants = runs(2000, 250);

it(`lint takes whatever it is given: ${String(mutants)} mutants of its own examples, no crash, every finding in its file`, async () => {
  const { failures, findings } = await fuzz(firstOf(mutants), mutants);

  expect(failures).toEqual([]);
  expect(findings).toBeGreaterThan(mutants);
});

it.each(
  slice(
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
    ],
    6,
  ).map((word) => [word.length > 20 ? `${word.slice(0, 8)} …` : word, word] as const),
)('with every text of its examples replaced by %j', async (_, word) => {
  expect(await fuzzWord(word)).toEqual([]);
});
