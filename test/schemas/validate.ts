import { readFileSync } from 'node:fs';
import { Environment } from '@marcbachmann/cel-js';
import { Ajv, type ValidateFunction } from 'ajv';

type Schema = Readonly<Record<string, unknown>>;

/** The two newest Istio minors; their CRDs lie beside this file with source and checksum. */
export const istioMinors = ['1.30', '1.31'] as const;
export type IstioMinor = (typeof istioMinors)[number];

const crds = new Map<string, Record<string, Schema>>();
const validators = new Map<string, ValidateFunction>();
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });

/** What a kube-apiserver with this minor's CRDs says against a resource: unknown fields, types, enums, CEL rules.
 *  @returns one line for each error; empty when it is accepted */
export function validateResource(value: unknown, minor: IstioMinor): readonly string[] {
  const { apiVersion, kind } = value as { apiVersion?: string; kind?: string };
  const id = `${String(apiVersion)}/${String(kind)}`;
  const schema = resourcesOf(minor)[id];
  if (schema === undefined) return [`test/schemas/istio-crds/${minor}.json has no ${id}: correct apiVersion and kind, or cut its CRD out too (test/schemas/extract-istio-crds.mjs)`];
  const key = `${minor} ${id}`;
  const validator = validators.get(key) ?? ajv.compile(closed({ ...schema, properties: { ...(schema.properties as object), ...envelope } }, true));
  validators.set(key, validator);
  if (!validator(value)) return (validator.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${String(message)} ${JSON.stringify(params)}`);
  return [...brokenRules(schema, value, '')];
}

const envelope = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
};

function resourcesOf(minor: IstioMinor): Record<string, Schema> {
  const known = crds.get(minor);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`./istio-crds/${minor}.json`, import.meta.url), 'utf8');
  const { resources } = JSON.parse(text) as { resources: Record<string, Schema> };
  crds.set(minor, resources);
  return resources;
}

/** Structural schemas as strict validation reads them: an unknown field is an error. */
function closed(schema: Schema, isStructural: boolean): Schema {
  const result: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(schema)) {
    if (key === 'properties') result[key] = Object.fromEntries(Object.entries(member as Schema).map(([name, each]) => [name, closed(each as Schema, isStructural)]));
    else if (key === 'items' || (key === 'additionalProperties' && typeof member === 'object')) result[key] = closed(member as Schema, isStructural);
    else if (['oneOf', 'anyOf', 'allOf'].includes(key)) result[key] = (member as Schema[]).map((each) => closed(each, false));
    else if (key === 'not') result[key] = closed(member as Schema, false);
    else if (key !== 'nullable') result[key] = member;
  }
  if (schema['x-kubernetes-int-or-string'] === true) return { anyOf: [{ type: 'integer' }, { type: 'string' }] };
  const isOpen = !isStructural || schema['x-kubernetes-preserve-unknown-fields'] === true || schema.properties === undefined;
  if (!isOpen && result.additionalProperties === undefined) result.additionalProperties = false;
  return result;
}

/** Rules with functions that the CEL library lacks; a test pins this list. */
export const unsupportedRules = new Set<string>();
const cel = new Environment({ unlistedVariablesAreDyn: true });

function* brokenRules(schema: Schema, value: unknown, path: string): Generator<string> {
  const rules = (schema['x-kubernetes-validations'] ?? []) as readonly { rule: string; message?: string }[];
  for (const { rule, message } of rules) {
    const holds = evaluate(rule, value, schema);
    if (holds === false) yield `${path} ${message ?? rule}`;
  }
  const { properties, items, additionalProperties } = schema as { properties?: Record<string, Schema>; items?: Schema; additionalProperties?: Schema };
  if (Array.isArray(value) && items !== undefined) for (const [index, item] of value.entries()) yield* brokenRules(items, item, `${path}/${String(index)}`);
  else if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) {
      const below = properties?.[key] ?? additionalProperties;
      if (typeof below === 'object') yield* brokenRules(below, member, `${path}/${key}`);
    }
}

function evaluate(rule: string, value: unknown, schema: Schema): boolean | undefined {
  try {
    return cel.evaluate(rule, { self: typed(value, schema) }) === true;
  } catch {
    unsupportedRules.add(rule);
    return undefined;
  }
}

/** CEL tells integers from doubles; JSON does not. */
function typed(value: unknown, schema: Schema | undefined): unknown {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  const { properties, items, additionalProperties } = (schema ?? {}) as { properties?: Record<string, Schema>; items?: Schema; additionalProperties?: Schema };
  if (Array.isArray(value)) return value.map((item) => typed(item, items));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, typed(member, properties?.[key] ?? additionalProperties)]));
}
