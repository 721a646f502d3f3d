import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { rules } from '../../src/lint/all-rules.ts';
import { fixturesOf } from '../lint/fixture.ts';
import { builtAt, gatewaysElsewhere, stages, targets } from './harness/bundles.ts';
import type { Resource } from './harness/api-server.ts';
import { stale, unexplained } from './harness/differences.ts';
import { istioCases, istioCodes } from './harness/istio-cases.ts';
import {
  compare,
  differencesOf,
  lintFinds,
  type Comparison,
  type Difference,
  type Found,
} from './harness/side-by-side.ts';
import { allMutants, mutated } from './mutants.ts';

const all: Difference[] = [];

describe('lint beside istioctl:', () => {
  it.each(targets.flatMap(([target]) => stages.map((stage) => [target, stage] as const)))(
    'nothing but what is explained differs for %s at %s',
    async (target, stage) => {
      const { differences } = noted(
        await compare(`examples/${target}`, fileOf([...builtAt(stage, target), ...gatewaysElsewhere])),
      );

      expect(unexplained(differences)).toEqual([]);
    },
  );

  it('mutants that istioctl refuses are errors of lint, and others are not', async () => {
    const samples = new Map<string, Resource>();
    for (const resource of [...builtAt('enforced', 'bookinfo@lab'), ...builtAt('enforced', 'payments@lab')])
      if (resource.metadata.name !== 'deny-all')
        samples.set(resource.kind, samples.get(resource.kind) ?? resource);
    const compared = await inParallel(allMutants, async (mutant) => {
      const sample = samples.get(mutant.kind);
      if (sample === undefined) throw new Error(`no ${mutant.kind} to break`);
      const files = fileOf([mutated(sample, mutant), ...gatewaysElsewhere]);
      return compare(`mutants/${mutant.kind}, ${mutant.name}`, files);
    });
    const differences = compared.flatMap((each) => noted(each).differences);
    const refused = compared.filter(({ said }) => said.some(({ code }) => code === 'IST0106'));
    // What istioctl can't even read of Kubernetes' own kinds is told by others: see the list of differences.
    const passed = refused.filter(
      ({ said, found }) =>
        !said.some(({ object }) => object.startsWith('Deployment ')) &&
        !found.some(({ severity }) => severity === 'error'),
    );

    console.log(`mutants: istioctl refuses ${String(refused.length)} of ${String(allMutants.length)}`);
    expect(passed.map(({ said }) => said)).toEqual([]);
    expect(unexplained(differences)).toEqual([]);
  });

  it('nothing but what is explained differs in the examples of the rules', async () => {
    const cases = rules.flatMap(({ id }) =>
      (['bad', 'good'] as const).flatMap((kind) =>
        fixturesOf(id, kind).map((fixture) => ({ where: `rules/${id}/${fixture.name}`, ...fixture })),
      ),
    );
    const compared = await inParallel(cases, ({ where, files, fleet }) => compare(where, files, fleet));
    const differences = compared.flatMap((each) => noted(each).differences);

    const agreed = compared.reduce((sum, each) => sum + each.agreed, 0);
    console.log(`examples of rules: agreed ${String(agreed)}, differ ${String(differences.length)}`);
    expect(agreed).toBeGreaterThan(150);
    expect(unexplained(differences)).toEqual([]);
  });

  it("says of Istio's own cases what its analyzers must say of them", async () => {
    const known = new Set(rules.flatMap(({ equivalent }) => equivalent));
    const cases = istioCases().map((each) => ({
      ...each,
      expected: each.expected.filter(({ code }) => known.has(code)),
    }));
    const differences: Difference[] = [];
    for (const { name, analyzer, files, expected } of cases) {
      const codes = new Set(
        cases
          .filter((each) => each.analyzer === analyzer)
          .flatMap((each) => each.expected.map(({ code }) => code)),
      );
      const found = await lintFinds(files);
      const claims = found.filter((each) => saysOneOf(each, codes));
      differences.push(...differencesOf(`istio/${name}`, expected, found, claims));
    }
    all.push(...differences);

    const expected = cases.reduce((sum, each) => sum + each.expected.length, 0);
    const missing = differences.filter(({ only }) => only === 'istioctl').length;
    console.log(
      `${String(cases.length)} cases of Istio: ${String(expected - missing)} of ${String(expected)} agreed`,
    );
    expect(cases.length).toBeGreaterThanOrEqual(100);
    expect(unexplained(differences)).toEqual([]);
  });

  it('docs/LINT.md has a row for each of its messages', () => {
    const text = readFileSync(new URL('../../docs/LINT.md', import.meta.url), 'utf8');

    expect(istioCodes().filter((code) => !text.includes(`\n| ${code} | `))).toEqual([]);
  });

  it('every explanation is still needed', () => {
    expect(stale(all)).toEqual([]);
  });
});

function noted(comparison: Comparison): Comparison {
  all.push(...comparison.differences);
  return comparison;
}

function fileOf(resources: readonly Resource[]): Readonly<Record<string, string>> {
  return { 'all.yaml': resources.map((resource) => stringify(resource)).join('---\n') };
}

function saysOneOf({ codes }: Found, wanted: ReadonlySet<string>): boolean {
  return codes.some((code) => wanted.has(code));
}

/** Two at a time are what the machines of a CI have. */
async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const left = [...items.entries()].reverse();
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) results[next[0]] = await work(next[1]);
  };
  await Promise.all([worker(), worker()]);
  return results;
}
