import { describe, expect, it } from 'vitest';
import { filesBelow, House, tooLong, type SourceFile } from './rules.ts';

/** Each a way around a rule, in a file of its own. */
const evasions: readonly (readonly [what: string, path: string, text: string])[] = [
  ['a layer that imports upwards', 'src/yaml/a1.ts', "export { planBundle } from '../bundle/plan.ts';"],
  ['siblings that import each other', 'src/fleet/a2.ts', "import '../kustomize/read-tree.ts';"],
  ['a type imported upwards', 'src/model/a3.ts', "export type { Opening } from '../flows/open.ts';"],
  [
    'a type imported upwards in place',
    'src/model/a4.ts',
    "export type X = import('../flows/open.ts').Opening;",
  ],
  ['an adapter outside of cli.ts', 'src/flows/a5.ts', "export { createFiles } from '../adapters/files.ts';"],
  [
    'an adapter imported lazily',
    'src/commands/a6.ts',
    "export const x = await import('../adapters/files.ts');",
  ],
  ['a module whose name is computed', 'src/commands/a7.ts', "export const x = await import('node:' + 'fs');"],
  ['a generator that imports the bundle', 'generators/namespace/a8.ts', "import '../../src/bundle/plan.ts';"],
  ['a package outside of its owner', 'src/fleet/a9.ts', "export { parse } from 'yaml';"],
  [
    'a package by a path',
    'src/fleet/a10.ts',
    "export { parse } from '../../node_modules/yaml/dist/index.js';",
  ],
  ['a package nobody owns', 'src/adapters/a11.ts', "export { default } from 'left-pad';"],
  ['a package that only development needs', 'src/adapters/a12.ts', "import 'fast-check';"],
  [
    'a JSON file',
    'src/flows/a13.ts',
    "import x from '../../package.json' with { type: 'json' };\nexport default x;",
  ],
  ['a file of the tests', 'src/flows/a14.ts', "import '../../test/fakes/clock.ts';"],
  ['disk in pure code', 'src/bundle/b1.ts', "export { readFileSync } from 'node:fs';"],
  ['disk by its short name', 'src/bundle/b2.ts', "export { readFileSync } from 'fs';"],
  ['the environment in pure code', 'src/flows/b3.ts', 'export const home = process.env;'],
  ['the environment through globalThis', 'src/flows/b4.ts', 'export const home = globalThis.process.env;'],
  ['the clock in pure code', 'src/bundle/b5.ts', 'export const now = new Date();'],
  ['the clock by its other name', 'src/bundle/b6.ts', 'export const now = Date.now();'],
  ['the clock, taken apart', 'src/bundle/b7.ts', 'const { now } = Date;\nexport const x = now();'],
  ['the clock under another name', 'src/bundle/b8.ts', 'const D = Date;\nexport const x = new D();'],
  ['chance in pure code', 'src/bundle/b9.ts', 'export const id = Math.random();'],
  ['chance, taken apart', 'src/bundle/b10.ts', 'const { random } = Math;\nexport const x = random();'],
  ['chance by a computed name', 'src/bundle/b11.ts', "export const id = Math['random']();"],
  ['chance from crypto', 'src/bundle/b12.ts', 'export const id = crypto.randomUUID();'],
  ['the time zone', 'src/report/b13.ts', 'export const day = (date: Date) => date.getDay();'],
  ['the locale', 'src/report/b14.ts', 'export const text = new Intl.DateTimeFormat().format(0);'],
  ['the locale in a comparison', 'src/report/b15.ts', "export const x = 'a'.localeCompare('b');"],
  [
    'the working directory',
    'src/flows/b16.ts',
    "import { resolve } from 'node:path';\nexport const x = resolve('a');",
  ],
  [
    'the working directory, through posix',
    'src/flows/b17.ts',
    "import { posix } from 'node:path';\nexport const x = posix.resolve('a');",
  ],
  [
    'a whole module for one name',
    'src/flows/b18.ts',
    "import * as path from 'node:path';\nexport const x = path.join('a');",
  ],
  ['a timer', 'src/flows/b19.ts', 'export const x = () => { queueMicrotask(() => undefined); };'],
  ['the network', 'src/flows/b20.ts', "export const x = () => fetch('http://a');"],
  ['printing', 'src/report/b21.ts', "console.log('x');"],
  ['code made of text', 'src/report/b22.ts', "export const x = [].map.constructor('return 1');"],
  ['a module by require', 'src/flows/b23.ts', "export const x: unknown = require('node:fs');"],
  ['its own place on disk', 'src/flows/b24.ts', 'export const x = import.meta.url;'],
  [
    'a value remembered by a function made at each call',
    'src/mesh/m1.ts',
    'export const f = (inventory: { once: (x: unknown) => unknown }) => inventory.once(() => 1);',
  ],
  [
    'a value remembered by a function of a function',
    'src/mesh/m2.ts',
    'export const f = (inventory: { once: (x: unknown) => unknown }) => { const g = () => 1; return inventory.once(g); };',
  ],
  [
    'a value remembered by a name',
    'src/mesh/m3.ts',
    "export const f = (inventory: { once: (...x: unknown[]) => unknown }) => inventory.once('services', () => 1);",
  ],
  ['a circle of imports', 'src/flows/c1.ts', "export { y } from './c2.ts';\nexport const x = 1;"],
  ['a circle of imports', 'src/flows/c2.ts', "export { x } from './c1.ts';\nexport const y = 1;"],
];

const allowed: readonly SourceFile[] = [
  {
    path: 'src/bundle/d1.ts',
    text: `import { posix } from 'node:path';
import { readYaml } from '../yaml/read.ts';
interface Made { readonly Date: string; readonly process: string; readonly random: number }
export const date = ({ Date, random }: Made) => [Date, random];
export const day = new Date(Date.parse('2026-11-24')).toISOString();
export const most = Math.max(...[1, 2].map(Number));
export const made = { process: String(readYaml), console: posix.join('a', 'b') };
`,
  },
];

const house = new House([...evasions.map(([, path, text]) => ({ path, text })), ...allowed]);

it('holds the layers, the owners of packages, and the place of effects', () => {
  const sources = filesBelow('src', 'generators');

  expect(sources.length).toBeGreaterThan(50);
  expect(sources.flatMap((path) => house.violations(path))).toEqual([]);
});

it('has no import cycle', () => {
  expect(house.cycles().filter((cycle) => !cycle.includes('src/flows/c1.ts'))).toEqual([]);
});

it('has no file of more than 400 lines', () => {
  expect(tooLong(filesBelow('src', 'generators', 'test'))).toEqual([]);
});

describe('the rules find', () => {
  it.each(evasions)('%s (%s)', (what, path) => {
    const found = what.startsWith('a circle')
      ? house.cycles().filter((cycle) => cycle.includes(path))
      : house.violations(path);

    expect(found).not.toEqual([]);
  });

  it('nothing in code that keeps them', () => {
    expect(allowed.flatMap(({ path }) => house.violations(path))).toEqual([]);
  });
});
