import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { clusterGenerators } from '../../generators/cluster/index.ts';
import { namespaceGenerators } from '../../generators/namespace/index.ts';
import { commands } from '../../src/commands/index.ts';
import { violations, type SourceFile } from './rules.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

function filesBelow(folder: string): readonly SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const sources = [...filesBelow('src'), ...filesBelow('generators')];

it('holds the layers, the owners of packages, the place of effects and the length of files', () => {
  expect(sources.length).toBeGreaterThan(50);
  expect([...sources, ...filesBelow('test')].flatMap(violations)).toEqual([]);
});

describe('the rules find', () => {
  it.each<[string, string, string]>([
    ['a layer that imports upwards', 'src/yaml/a.ts', "import { x } from '../bundle/plan.ts';"],
    ['siblings that import each other', 'src/fleet/a.ts', "import { x } from '../kustomize/read-tree.ts';"],
    ['a type imported upwards', 'src/model/a.ts', "import type { X } from '../flows/open.ts';"],
    ['an adapter outside of cli.ts', 'src/flows/a.ts', "export { x } from '../adapters/files.ts';"],
    [
      'an adapter imported lazily',
      'src/commands/a.ts',
      "const { x } = await import('../adapters/files.ts');",
    ],
    [
      'a generator that imports the bundle',
      'generators/namespace/a.ts',
      "import { x } from '../../src/bundle/plan.ts';",
    ],
    ['a package outside of its owner', 'src/fleet/a.ts', "import { parse } from 'yaml';"],
    ['a package nobody owns', 'src/adapters/a.ts', "import x from 'left-pad';"],
    ['disk in pure code', 'src/bundle/a.ts', "import { readFileSync } from 'node:fs';"],
    ['the environment in pure code', 'src/flows/a.ts', 'export const home = process.env;'],
    ['the clock in pure code', 'src/bundle/a.ts', 'export const now = new Date();'],
    ['the clock in pure code, by its other name', 'src/bundle/a.ts', 'export const now = Date.now();'],
    ['chance in pure code', 'src/bundle/a.ts', 'export const id = Math.random();'],
    ['printing in pure code', 'src/report/a.ts', "console.log('x');"],
    ['a file that is too long', 'src/model/a.ts', '\n'.repeat(401)],
  ])('%s', (_, path, text) => {
    expect(violations({ path, text })).not.toEqual([]);
  });

  it('nothing in code that keeps them', () => {
    expect(
      violations({
        path: 'src/bundle/a.ts',
        text: "import { x } from '../yaml/edit.ts';\nexport const date = x.Date;\nexport const day = new Date(Date.parse('2026-11-24'));\n",
      }),
    ).toEqual([]);
  });
});

describe('a folder and its list agree:', () => {
  const namesIn = (folder: string, others: readonly string[]) =>
    readdirSync(join(root, folder))
      .map((name) => name.replace(/\.ts$/, ''))
      .filter((name) => !others.includes(name));

  it.each([
    ['namespace', namespaceGenerators],
    ['cluster', clusterGenerators],
  ] as const)(
    'every generator of a %s is listed, and has a template where it owns a file',
    (kind, generators) => {
      expect(generators.map(({ id }) => id).sort()).toEqual(
        namesIn(`generators/${kind}`, ['index', 'shared']).sort(),
      );
      const templates = readdirSync(join(root, 'templates', kind)).map((name) => `${kind}/${name}`);
      for (const { owned } of generators)
        if (owned !== undefined) expect(templates).toContain(owned.template);
    },
  );

  it('every command is listed, with a help text and an example of its own', () => {
    expect(commands.map(({ id }) => id.replace(' ', '-')).sort()).toEqual(
      namesIn('src/commands', [
        'index',
        'checks',
        'command',
        'load',
        'edit-fleet',
        'opening',
        'clusters',
        'waves',
      ]).sort(),
    );
    for (const { id, summary, examples } of commands) {
      expect(summary.length).toBeGreaterThan(10);
      expect(examples[0]).toMatch(new RegExp(`^meshwright ${id}\\b`));
    }
  });

  it('every command stands in the README', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    for (const { id } of commands) expect(readme).toContain(`meshwright ${id}`);
  });
});
