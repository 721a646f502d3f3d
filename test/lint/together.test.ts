import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lint } from '../../src/lint/lint.ts';
import type { Rule } from '../../src/lint/rule.ts';
import { rules } from '../../src/lint/all-rules.ts';
import { discoverSettings } from '../../src/mesh/discover-settings.ts';
import { Inventory } from '../../src/mesh/inventory.ts';
import { defaultSettings } from '../../src/mesh/settings.ts';
import type { Resource } from '../../src/model/resource.ts';
import { clustersOf, fixtures, fixturesOf, type Fresh } from './fixture.ts';

const ids = readdirSync(fixtures).sort();
const examplesOf = (id: string) => [...fixturesOf(id, 'bad'), ...fixturesOf(id, 'good')];

/** What rules find, a line each, so that a difference names its finding. */
function found(clusters: readonly Inventory[], chosen: readonly Rule[]): readonly string[] {
  return lint(clusters, chosen)
    .map(({ file = '', line = 0, column = 0, rule, severity, message, fix }) =>
      [`${file}:${String(line)}:${String(column)}`, rule, severity, message, fix].join(' '),
    )
    .sort();
}

const together = (fresh: Fresh, order: readonly Rule[] = rules) => found(fresh(), order);
const alone = (fresh: Fresh) => rules.flatMap((rule) => found(fresh(), [rule])).sort();

describe('rules side by side', () => {
  it.each(ids)('find in the examples of %s what each finds alone', async (id) => {
    for (const example of examplesOf(id)) {
      const fresh = await clustersOf(example);

      expect(together(fresh)).toEqual(alone(fresh));
    }
  });

  it('find on a cluster with the objects of several examples what each finds alone, in any order', async () => {
    const examples: (readonly Resource[])[] = [];
    for (const example of ids.flatMap(examplesOf))
      examples.push((await clustersOf(example))().flatMap(({ resources }) => resources));
    const cluster = (chosen: readonly (readonly Resource[])[]): Fresh => {
      const resources = chosen.flat();
      return () => [new Inventory(resources, discoverSettings(resources, defaultSettings))];
    };
    expect(together(cluster(examples))).toEqual(alone(cluster(examples)));

    fc.assert(
      fc.property(
        fc.subarray(examples, { minLength: 2, maxLength: 8 }),
        fc.shuffledSubarray([...rules], { minLength: rules.length }),
        (chosen, order) => {
          const fresh = cluster(chosen);

          expect(together(fresh, order)).toEqual(alone(fresh));
        },
      ),
      { numRuns: 200 },
    );
  });
});
