import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planningOf } from '../../src/commands/checks.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import { rules } from '../../src/lint/all-rules.ts';
import { fleet } from './world.ts';

const sources = ['src', 'generators'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('schemas'))
    .map((path) => `${folder}/${path}`),
);
const textOf = (path: string) => readFileSync(path, 'utf8');
const loaded = loadFleet(fleet, 'fleet.yaml');
const planning = (override: string) => {
  if (!loaded.ok) throw new Error('the fleet does not load');
  return planningOf({ options: { override: [override] } }, loaded.value, 'fleet.yaml');
};

const isLint = new Set(rules.map(({ id }) => id));

/** What the plan itself says, but for what a rule of lint says too. */
const ofPlan = [
  ...new Set(
    sources
      .filter((path) => /^(?:src\/bundle|generators)\//.test(path))
      .flatMap((path) => [...textOf(path).matchAll(/rule: '([a-z-]+)'/g)].map(([, rule = '']) => rule)),
  ),
]
  .filter((rule) => !isLint.has(rule))
  .sort();
const offered = [
  ...new Set(
    sources.flatMap((path) =>
      [...textOf(path).matchAll(/--override ([a-z][a-z-]+)=/g)].map(([, rule = '']) => rule),
    ),
  ),
].sort();
const checks = [
  'call-breaks',
  'callers-unknown',
  'calls-unknown',
  'bundle-reaches-others',
  'namespace-path-differs',
  'namespace-built-elsewhere',
  'mesh-ambient',
];

describe('--override', () => {
  it.each([...new Set([...checks, ...offered])])('takes %s', async (rule) => {
    expect((await planning(`${rule}=we have asked`)).ok).toBe(true);
  });

  it.each(ofPlan)('does not take %s, and says why', async (rule) => {
    const { ok, problems } = await planning(`${rule}=we have asked`);

    expect(ok).toBe(false);
    expect(problems[0]?.message).toContain(
      `"${rule}" is not a rule that --override knows. Refusals of the plan itself are not overridden`,
    );
  });

  it('is looked for in what refuses', () => {
    expect(ofPlan.length).toBeGreaterThan(40);
    expect(offered).toContain('mesh-ambient');
  });
});
