import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const script = fileURLToPath(new URL('run.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'meshwright-mutants-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(args: readonly string[], seed = '1'): string {
  const env = { ...process.env, MESHWRIGHT_SEED: seed };
  return execFileSync(process.execPath, [script, ...args], { encoding: 'utf8', env });
}

const cases: readonly (readonly [text: string, mutants: readonly string[]])[] = [
  ['if (isA) f();', ['if (!(isA)) f();']],
  ['if (a === b) f();', ['if (a !== b) f();']],
  ['const x = a < b && c;', ['const x = a < b || c;', 'const x = a <= b && c;']],
  ['const x = a ?? b;', ['const x = (a);']],
  ['const x = 3;', ['const x = 4;', 'const x = 2;']],
  ['const x = f("id");', ["const x = f('');"]],
  ['const x = list.filter(f).some(g);', ['const x = list.filter(f).every(g);', 'const x = list.some(g);']],
  ['if (isA) return;', ['if (!(isA)) return;', ';']],
  ["import { a } from './a.ts';", []],
  ["type A = 'a' | 1;", []],
  ['interface A { readonly a: 1 }', []],
  ["const x = { message: 'gone', fix: 'put' };", []],
  ["const x = import('./a.ts');", []],
];

it('a mutant is one small change of what runs', () => {
  const files = cases.map(([text], index) => {
    const file = join(folder, `${String(index)}.ts`);
    writeFileSync(file, text);
    return file;
  });

  const told = run(files.flatMap((file) => ['--of', file]));

  const found = new Map<string, string[]>(files.map((file) => [file, []]));
  for (const [, file = '', after = ''] of told.matchAll(/^(.*):1 .*\n {2}- .*\n {2}\+ (.*)$/gm))
    found.get(file)?.push(after);
  expect(files.map((file, index) => [cases[index]?.[0], found.get(file)?.sort()])).toEqual(
    cases.map(([text, mutants]) => [text, mutants.toSorted()]),
  );
});

it('mutants are drawn by the seed: the same again, others by another', () => {
  const [first, again, other] = ['7', '7', '8'].map((seed) =>
    run(['--list', '--count', '30', '--area', 'waves'], seed),
  );

  expect(again).toBe(first);
  expect(other?.split('\n').slice(1)).not.toEqual(first?.split('\n').slice(1));
  expect(first?.match(/^\S+:\d+ /gm)).toHaveLength(30);
});

it('mutants leave out what only a network or the built program runs', () => {
  const list = run(['--list', '--count', '40', '--area', 'adapters']);

  expect(list).toMatch(/^src\/adapters\/redact\.ts:/m);
  expect(list).not.toMatch(/^src\/adapters\/(?:git|forge|local)/m);
});
