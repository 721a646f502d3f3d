import { readFileSync } from 'node:fs';

type Schema = Readonly<Record<string, unknown>>;

const description = JSON.parse(
  readFileSync(new URL('../../schemas/github-openapi.json', import.meta.url), 'utf8'),
) as Schema;

/** The smallest value a schema of GitHub's description accepts, with some members given. */
export function sample(name: string, members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const value = smallest({ $ref: `#/components/schemas/${name}` }) as Record<string, unknown>;
  return { ...value, ...members };
}

function smallest(schema: Schema): unknown {
  if (typeof schema.$ref === 'string') return smallest(at(schema.$ref));
  const { type, properties, required, anyOf, oneOf, allOf } = schema as {
    type?: string | readonly string[];
    properties?: Record<string, Schema>;
    required?: readonly string[];
    anyOf?: readonly Schema[];
    oneOf?: readonly Schema[];
    allOf?: readonly Schema[];
  };
  if (Array.isArray(type) && type.includes('null')) return null;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (allOf !== undefined) return Object.assign({}, ...allOf.map(smallest)) as unknown;
  const choice = (anyOf ?? oneOf)?.[0];
  if (choice !== undefined && type === undefined) return smallest(choice);
  if (type === 'array') return [];
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'boolean') return false;
  if (type === 'string') return text(schema.format);
  if (properties === undefined) return {};
  return Object.fromEntries((required ?? []).map((key) => [key, smallest(properties[key] ?? {})]));
}

function text(format: unknown): string {
  if (format === 'uri') return 'https://ghe.example.com/x';
  if (format === 'date-time') return '2026-01-01T00:00:00Z';
  return format === 'email' ? 'a@example.com' : 'text';
}

function at(reference: string): Schema {
  let found: unknown = description;
  for (const step of reference.slice(2).split('/')) found = (found as Record<string, unknown>)[step];
  return found as Schema;
}
