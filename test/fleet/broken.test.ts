import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';

const folder = fileURLToPath(new URL('./broken/', import.meta.url));
const cases = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describe('a broken fleet file', () => {
  it.each(cases)('%s is reported with file, line, column and what to do', async (name) => {
    const loaded = loadFleet(readFileSync(folder + name, 'utf8'), name);
    const said = loaded.problems.map(
      ({ severity, rule, file, line, column, message, fix }) =>
        `${severity} ${rule} at ${String(file)}:${String(line)}:${String(column)}\n  ${message}\n  fix  ${String(fix)}\n`,
    );

    expect(said).not.toEqual([]);
    await expect(said.join('\n')).toMatchFileSnapshot(`${folder}${name.replace('.yaml', '.expected')}`);
  });
});
