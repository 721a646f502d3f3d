// The fuzz of lint at its full size: 100,000 mutants of the rules' own examples, or as many as MESHWRIGHT_FUZZ_CASES says, in
// one process. Prints what docs/LINT.md tells, and every failure with the seed that makes it again.
import { test } from 'vitest';
import { fuzz, type FuzzResult } from '../test/lint/fuzz/run.ts';

const cases = Number(process.env.MESHWRIGHT_FUZZ_CASES ?? 100_000);
const first = Number(process.env.MESHWRIGHT_FUZZ_SEED ?? 1_000_000);
const part = 5000;

test(`${String(cases)} mutants`, async () => {
  const begin = performance.now();
  const results: FuzzResult[] = [];
  for (let from = first; from < first + cases; from += part) {
    const result = await fuzz(from, Math.min(part, first + cases - from));
    results.push(result);
    for (const failure of result.failures) process.stdout.write(`${failure}\n`);
  }
  const seconds = (performance.now() - begin) / 1000;
  const sum = (count: (result: FuzzResult) => number) => results.reduce((all, each) => all + count(each), 0);
  const slowest = results.map((each) => each.slowest).sort((a, b) => b.milliseconds - a.milliseconds)[0];
  const failures = sum((each) => each.failures.length);
  process.stdout.write(
    `${String(sum((each) => each.cases))} cases, ${String(sum((each) => each.findings))} findings, ${String(failures)} failures; ${seconds.toFixed(0)} s, ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB peak; slowest ${(slowest?.milliseconds ?? 0).toFixed(0)} ms (seed ${String(slowest?.seed)}: ${slowest?.how ?? ''})\n`,
  );
  if (failures > 0) throw new Error(`${String(failures)} failures`);
});
