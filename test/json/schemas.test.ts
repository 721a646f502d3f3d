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
});
