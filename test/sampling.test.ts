import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandFor, firstOf, isWhole, runs, seed, slice } from './sampling.ts';

const scenarios = Array.from({ length: 613 }, (_, index) => `scenario ${String(index)}`);

describe('a slice of the scenarios', () => {
  it('is the same for the same seed, and of one size for each', () => {
    fc.assert(
      fc.property(fc.nat(), (of) => {
        const one = slice(scenarios, 10, { seed: of, isWhole: false });

        expect(slice(scenarios, 10, { seed: of, isWhole: false })).toEqual(one);
        expect([61, 62]).toContain(one.length);
      }),
    );
  });

  it('is another one in each of as many runs as there are parts, which see everything once', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 20 }), fc.nat({ max: 100 }), (first, parts, size) => {
        const some = scenarios.slice(0, size);
        const count = Math.min(parts, size);
        const seen = Array.from({ length: count }, (_, run) =>
          slice(some, parts, { seed: first + run, isWhole: false }),
        );

        expect(seen.flat().sort()).toEqual([...some].sort());
      }),
    );
  });

  it('is never empty where there is a scenario, and everything in a whole run', () => {
    expect(slice(['one'], 10, { seed: 7, isWhole: false })).toEqual(['one']);
    expect(slice([], 10, { seed: 7, isWhole: false })).toEqual([]);
    expect(slice(scenarios, 10, { seed: 7, isWhole: true })).toBe(scenarios);
  });

  it('mixes neighbours: it is not one of a row and then none for a while', () => {
    const kept = slice(scenarios, 10, { seed: 3, isWhole: false }).map((each) => scenarios.indexOf(each));
    const gaps = new Set(kept.slice(1).map((at, index) => at - (kept[index] ?? 0)));

    expect(gaps.size).toBeGreaterThan(10);
  });
});

describe('a run', () => {
  it('gives fast-check its seed', () => {
    expect(fc.readConfigureGlobal()).toMatchObject({ seed });
  });

  it('tries as many random cases as it is to', () => {
    const more = process.env.MESHWRIGHT_RUNS;

    expect(runs(2500, 300)).toBe(Number(more ?? (isWhole ? 2500 : 300)));
    expect(runs(8, 300)).toBe(Number(more ?? 8));
    expect(Number.isSafeInteger(firstOf(2000)) && firstOf(2000) + 2000 < 2 ** 31).toBe(true);
  });

  it('says with which command a test fails again, quoted for a shell and for a pattern', () => {
    expect(commandFor('e2e', 'test/e2e/kill.test.ts', "it's (1/2) $x")).toEqual(
      expect.stringContaining(
        String.raw`MESHWRIGHT_SEED=${String(seed)} npx vitest run --project e2e test/e2e/kill.test.ts -t '^it'\''s \(1/2\) \$x$'`,
      ),
    );
  });
});
