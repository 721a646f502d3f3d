import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathText } from '../../src/bundle/conflict.ts';
import { mergeYaml } from '../../src/merge/merge.ts';
import { documentValues } from '../../src/yaml/documents.ts';
import { dangers } from './danger-scenarios.ts';
import { replaced } from './replaced-scenarios.ts';
import { scenarios as places, type Scenario } from './scenarios.ts';

const scenarios = [...places, ...dangers, ...replaced];
const page = readFileSync(new URL('../../docs/MERGE.md', import.meta.url), 'utf8').replace(/ +/g, ' ');

function sidesOf({ base, ours, theirs }: Scenario) {
  return { base, ours: ours(base), theirs: theirs(base) };
}

/** What git's line merge makes of the same three texts. */
function gitSays(scenario: Scenario, merged: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshwright-merge-'));
  try {
    const sides = sidesOf(scenario);
    for (const [name, text] of Object.entries(sides)) writeFileSync(join(folder, name), text);
    const { status, stdout } = spawnSync('git', ['merge-file', '-p', 'ours', 'base', 'theirs'], {
      cwd: folder,
      encoding: 'utf8',
    });
    if (status !== 0) return 'conflict markers: not valid YAML';
    const [git, own] = [documentValues(stdout), documentValues(merged)];
    if (git.length === 0) return 'clean, but no YAML';
    return JSON.stringify(git) === JSON.stringify(own) ? 'the same' : 'clean, and means something else';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (name, scenario) => {
  const merged = mergeYaml(sidesOf(scenario), 'file.yaml');
  const { text, conflicts } = merged.ok ? merged.value : { text: '', conflicts: [] };

  it('keeps both sides', () => {
    for (const part of scenario.has ?? []) expect(text).toContain(part);
    for (const part of scenario.lacks ?? []) expect(text).not.toContain(part);
    expect(conflicts.map(({ path }) => pathText(path))).toEqual(scenario.conflicts ?? []);
    expect(documentValues(text).length).toBeGreaterThan(0);
  });

  it('stands in docs/MERGE.md beside what git makes of it', () => {
    const ours = conflicts.length === 0 ? 'both kept' : 'ours kept, conflict reported';
    expect(page).toContain(`| ${name} | ${ours} | ${gitSays(scenario, text)} |`);
  });
});

it.each(replaced.map((scenario) => [scenario.name, scenario] as const))(
  'has the same conflicts when the sides change places: %s',
  (_, scenario) => {
    const { base, ours, theirs } = sidesOf(scenario);
    const placesOf = (one: string, other: string) => {
      const merged = mergeYaml({ base, ours: one, theirs: other }, 'file.yaml');
      return merged.ok ? merged.value.conflicts.map(({ path }) => pathText(path)) : undefined;
    };

    expect(placesOf(theirs, ours)).toEqual(placesOf(ours, theirs));
  },
);
