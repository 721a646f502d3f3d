import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rules } from '../../src/lint/all-rules.ts';
import type { LintProblem } from '../../src/model/lint.ts';
import { editYaml } from '../../src/yaml/edit.ts';
import { expectations, fixtures, fixturesOf, lintFiles, placesOf } from './fixture.ts';

describe.each(rules.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const bad = fixturesOf(id, 'bad');
  const good = fixturesOf(id, 'good');

  it('has a bad and a good example', () => {
    expect(bad.length).toBeGreaterThan(0);
    expect(good.length).toBeGreaterThan(0);
    expect(bad.flatMap(({ files }) => expectations(files)).some((each) => each.endsWith(` ${id}`))).toBe(
      true,
    );
  });

  it.each(bad.map((fixture) => [fixture.name, fixture] as const))(
    'finds what %s marks',
    async (_, fixture) => {
      const found = await lintFiles(fixture.files, [rule], fixture.fleet);

      expect(placesOf(found)).toEqual(expectations(fixture.files).filter((each) => each.endsWith(` ${id}`)));
      for (const each of found)
        expect(each).toMatchObject({ message: /^[A-Z"`*].*\.$/s, endLine: expect.any(Number) as number });
    },
  );

  it.each(good.map((fixture) => [fixture.name, fixture] as const))(
    'finds nothing in %s',
    async (_, fixture) => {
      expect(placesOf(await lintFiles(fixture.files, [rule], fixture.fleet))).toEqual([]);
    },
  );

  if (existsSync(join(fixtures, id, 'fixed.yaml')))
    it('mends bad.yaml to fixed.yaml, byte for byte', async () => {
      const first = bad.find(({ name }) => name === 'bad.yaml');
      const before = first?.files['bad.yaml'] ?? '';
      const after = mend(before, await lintFiles({ 'bad.yaml': before }, [rule], first?.fleet));

      expect(after).toBe(readFileSync(join(fixtures, id, 'fixed.yaml'), 'utf8'));
    });
  else
    it('offers no edit without an example of it', async () => {
      for (const { files, fleet } of bad)
        expect((await lintFiles(files, [rule], fleet)).filter(({ repair }) => repair !== undefined)).toEqual(
          [],
        );
    });
});

function mend(text: string, problems: readonly LintProblem[]): string {
  let now = text;
  for (const { repair } of problems) {
    if (repair === undefined) continue;
    const edited = editYaml(now, repair.file, repair.document, repair.edits);
    if (!edited.ok) throw new Error(edited.problems[0]?.message);
    now = edited.value;
  }
  return now;
}
