import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rules } from '../../src/lint/all-rules.ts';
import * as table from '../../src/lint/rules/index.ts';

const folder = fileURLToPath(new URL('../../src/lint/rules/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
  .sort();

describe('the table of contents of the rules', () => {
  it('has one line for each file, by folder and name', () => {
    const lines = readFileSync(join(folder, 'index.ts'), 'utf8').split('\n');
    const listed = lines.flatMap((line) => /from '\.\/([^']+)'/.exec(line)?.[1] ?? []);

    expect(listed).toEqual(files);
  });

  it('names each rule after its file, and its file after its id', () => {
    const named = new Map(Object.entries(table).map(([name, { id }]) => [id, name]));

    expect([...named.keys()].sort()).toEqual(files.map((file) => basename(file, '.ts')).sort());
    for (const [id, name] of named)
      expect(name).toBe(id.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()));
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });
});
