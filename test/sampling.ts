import { Random } from './traffic/random.ts';

/** Whether everything runs: `NIGHTLY=1`. Otherwise the big suites run a part that differs from run to run. */
export const isWhole = process.env.NIGHTLY === '1';

/** Of the run, the same in each of its files; vitest.config.ts draws it. `MESHWRIGHT_SEED` repeats a run. */
export const seed = Number(process.env.MESHWRIGHT_SEED ?? 0);

const more = process.env.MESHWRIGHT_RUNS === undefined ? undefined : Number(process.env.MESHWRIGHT_RUNS);

/** Milliseconds after which something that is waited for is given up, as hanging: a machine that is busy with much else
 *  takes a hundred times as long as an idle one. Less than a test may take, so that what was waited for is said. */
export const hang = 600_000;

/** How many random cases a property is tried on; `MESHWRIGHT_RUNS` is for whoever wants many more of one property. */
export function runs(whole: number, small: number): number {
  return more ?? (isWhole ? whole : Math.min(whole, small));
}

/** One of `parts` parts of some scenarios, in their order; all of them in a whole run. Each scenario is in one part, and
 *  seeds that follow each other take parts that follow each other: that many runs see everything. */
export function slice<T>(
  scenarios: readonly T[],
  parts: number,
  { seed: of = seed, isWhole: all = isWhole } = {},
): readonly T[] {
  if (all || scenarios.length === 0) return scenarios;
  const count = Math.min(parts, scenarios.length);
  // Neighbours are alike (one request, another fault), so that parts are made of shuffled ones.
  const shuffled = shuffle([...scenarios.keys()]);
  const chosen = new Set(shuffled.filter((_, at) => at % count === of % count));
  return scenarios.filter((_, index) => chosen.has(index));
}

/** The first of so many seeds, where a case is made of one: runs whose seeds follow each other take ranges that do. */
export function firstOf(count: number): number {
  return (seed % 1_000_000) * count;
}

/** The same order in each run. */
function shuffle(indexes: number[]): readonly number[] {
  const random = new Random(1);
  for (let at = indexes.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [indexes[at], indexes[other]] = [indexes[other] ?? 0, indexes[at] ?? 0];
  }
  return indexes;
}

/** The command that runs one test again as it just ran. */
export function commandFor(project: string, file: string, name: string): string {
  const settings = ['NIGHTLY', 'MESHWRIGHT_RUNS', 'MESHWRIGHT_SEED']
    .flatMap((key) => (process.env[key] ? [`${key}=${process.env[key]}`] : []))
    .join(' ');
  const pattern = `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`;
  return `${settings} npx vitest run --project ${project} ${file} -t '${pattern.replaceAll("'", `'\\''`)}'`;
}
