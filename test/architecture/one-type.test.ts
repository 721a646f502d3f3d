import { expect, it } from 'vitest';
import { sharedTypeNames } from './one-type.ts';
import { readProject } from './project.ts';

it('one term is one type: what is exported shares its name with no other type', () => {
  expect(sharedTypeNames(readProject())).toEqual([]);
});

it.each([
  ['two exported ones', 'export type Verdict = 1;', 'export interface Verdict<T> {\n}'],
  ['an exported one and another for one file', 'export class Verdict {}', 'interface Verdict {}'],
  ['classes that others extend', 'export abstract class Verdict {}', 'export declare class Verdict {}'],
])('%s are reported with the files', (_, one, other) => {
  const project = new Map([
    ['src/model/call.ts', `import type { Call } from './traffic.ts';\n${one}\n`],
    ['generators/namespace/wave.ts', `${other}\n`],
  ]);

  expect(sharedTypeNames(project)).toEqual([
    'Verdict is declared in generators/namespace/wave.ts and src/model/call.ts: give all but one a name of their own.',
  ]);
});

it('leaves alone what two files keep to themselves, and names in texts and tests', () => {
  const project = new Map([
    ['src/merge/one.ts', 'interface Group {}\n'],
    ['src/lint/other.ts', 'interface Group {}\n// export type Place = 1;\n'],
    ['src/model/place.ts', 'export type Place = 1;\nconst text = `type Place = 2`;\n'],
    ['test/place.ts', 'export type Place = 3;\n'],
  ]);

  expect(sharedTypeNames(project)).toEqual([]);
});
