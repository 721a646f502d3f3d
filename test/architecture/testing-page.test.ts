import { expect, it } from 'vitest';
import { readProject } from './project.ts';
import type { Project } from './units/unit.ts';

const page = 'docs/TESTING.md';

/** Suites that run a part of themselves, and what of their numbers the page does not say. */
function unsaid(project: Project): readonly string[] {
  const rows = (project.get(page) ?? '').split('\n').filter((line) => line.startsWith('| `test/'));
  return [...project].flatMap(([path, text]) => {
    const parts = partsOf(text);
    if (!path.endsWith('.ts') || parts.length === 0 || isAbout(path)) return [];
    const row = rows.find((each) => each.startsWith(`| \`${path}\``));
    if (row === undefined) return [`${page}: add a row for ${path}: what it takes, in a run and whole.`];
    const [, , small = '', whole = ''] = row.split('|');
    return parts.flatMap((part) => [
      ...(has(small, part.small) ? [] : [`${page}: ${path} takes ${part.small} in a run.`]),
      ...(part.whole === undefined || has(whole, part.whole)
        ? []
        : [`${page}: ${path} takes ${part.whole} in a whole run.`]),
    ]);
  });
}

/** What tests the sampling itself. */
const isAbout = (path: string) => path.startsWith('test/architecture/') || path === 'test/sampling.test.ts';

interface Part {
  readonly small: string;
  /** undefined: as many as there are scenarios. */
  readonly whole: string | undefined;
}

const ordinals: ReadonlyMap<string, string> = new Map([
  ['4', 'a quarter'],
  ['6', 'a sixth'],
  ['40', 'a fortieth'],
]);

function partsOf(text: string): readonly Part[] {
  if (!/from '[./]+\/sampling\.ts'/.test(text)) return [];
  const written = (number: string) => Number(number.replaceAll('_', '')).toLocaleString('en');
  const cases = [...text.matchAll(/\bruns\(([\d_]+), *([\d_]+)\)/g)].map(([, whole = '', small = '']) => ({
    small: written(small),
    whole: written(whole),
  }));
  const named = /\bconst parts = (\d+);/.exec(text)?.[1];
  const slices = [...text.matchAll(/(?<!\.)\bslice\([^;]*?,\s*(\d+|parts),?\s*\)/g)].map(
    ([, count = '']) => ({
      small: ordinals.get(count === 'parts' ? (named ?? '') : count) ?? `one of ${count}`,
      whole: undefined,
    }),
  );
  return [...cases, ...slices];
}

const has = (cell: string, part: string) => new RegExp(`(?<![\\d,])${part}(?![\\d]|,\\d)`).test(cell);

it('docs/TESTING.md says how much of each big suite runs', () => {
  expect(unsaid(readProject())).toEqual([]);
});

it.each([
  ['other numbers', '60 | 300', ['takes 600 in a run.', 'takes 3,000 in a whole run.']],
  [
    'a number that only begins as it should',
    '6,000 | 3,000,000',
    ['takes 600 in a run.', 'takes 3,000 in a whole run.'],
  ],
  ['a sixth that became something else', '600, all | 3,000', ['takes a sixth in a run.']],
])('%s: reported', (_, cells, said) => {
  const path = 'test/yaml/new.test.ts';
  const project = new Map([
    [page, `| \`${path}\`: texts | ${cells.includes('all') ? cells : cells.replace(' |', ', a sixth |')} |`],
    [
      path,
      `import { runs, slice } from '../sampling.ts';\nconst numRuns = runs(3000, 600);\nit.each(slice(cases, 6))('%s', test);\n`,
    ],
  ]);

  expect(unsaid(project)).toEqual(said.map((each) => `${page}: ${path} ${each}`));
});

it('asks for the row of a suite that has none', () => {
  const project = new Map([
    [page, ''],
    ['test/yaml/new.test.ts', `import { runs } from '../sampling.ts';\nrunAll(runs(3_000, 600));\n`],
    ['test/yaml/other.test.ts', `const runs = (a: number, b: number) => a + b;\nruns(1, 2);\n`],
  ]);

  expect(unsaid(project)).toEqual([
    `${page}: add a row for test/yaml/new.test.ts: what it takes, in a run and whole.`,
  ]);
});
