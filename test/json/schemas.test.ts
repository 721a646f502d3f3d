import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { outputSchemas } from './schemas.ts';

const folder = new URL('../../docs/json/', import.meta.url);
const schemas = outputSchemas();
const fileOf = (id: string) => `${id.replace(' ', '-')}.schema.json`;

describe('the JSON Schemas in docs/json', () => {
  it.each([...schemas])('say what %s prints', async (id, schema) => {
    const text = `${JSON.stringify(schema, undefined, 2)}\n`;

    new Ajv({ strict: false }).compile(schema);
    await expect(text).toMatchFileSnapshot(new URL(fileOf(id), folder).pathname);
  });

  it.each([...schemas.keys()])('are linked from docs/JSON.md, %s included', (id) => {
    const page = readFileSync(new URL('../../docs/JSON.md', import.meta.url), 'utf8');

    expect(page).toContain(`| \`meshwright ${id}\``);
    expect(page).toContain(`(json/${fileOf(id)})`);
  });

  it('are of commands that exist', () => {
    expect(readdirSync(folder).sort()).toEqual([...schemas.keys()].map(fileOf).sort());
  });
});
