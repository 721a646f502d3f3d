import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isList, isObject, type JsonObject, type JsonValue } from '../../src/model/json.ts';
import { schemaOf, shapedKinds, type Schema } from '../../src/lint/schema/schema.ts';
import { violationsOf } from '../../src/lint/schema/violations.ts';
import { readYaml } from '../../src/yaml/read.ts';
import { fixtures } from './fixture.ts';
import { runs } from '../sampling.ts';

type Kind = (typeof shapedKinds)[number];

const ajv = new Ajv({ strict: false, validateFormats: false });
const judges = new Map<Kind, ValidateFunction>();

/** What an independent validator says: the same schema, with unknown fields closed. */
function accepts(kind: Kind, spec: JsonValue): boolean {
  const judge = judges.get(kind) ?? ajv.compile(closed(specSchema(kind), true));
  judges.set(kind, judge);
  return judge(withoutNulls(spec, specSchema(kind)));
}

function specSchema(kind: Kind): Schema {
  const spec = schemaOf({ known: kind })?.properties?.spec;
  if (spec === undefined) throw new Error(`no schema of ${kind}`);
  return spec;
}

function closed(schema: Schema, isStructural: boolean): Record<string, unknown> {
  const below = (each: Schema) => closed(each, isStructural);
  const { properties, items, additionalProperties, nullable, type, ...rest } = schema;
  return {
    ...rest,
    ...(type !== undefined && { type: nullable === true ? [type, 'null'] : type }),
    ...(properties !== undefined && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, below(each)])),
      ...(isStructural && { additionalProperties: false }),
    }),
    ...(items !== undefined && { items: below(items) }),
    ...(additionalProperties !== undefined && { additionalProperties: below(additionalProperties) }),
  };
}

/** The API server drops a null in a map where null is no value. */
function withoutNulls(value: JsonValue, schema: Schema | undefined): JsonValue {
  if (isList(value)) return value.map((item) => withoutNulls(item, schema?.items));
  if (!isObject(value)) return value;
  const { properties = {}, additionalProperties } = schema ?? {};
  const schemaFor = (key: string) =>
    Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
  const kept = Object.entries(value).filter(
    ([key, each]) => each !== null || schemaFor(key) === undefined || schemaFor(key)?.nullable === true,
  );
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutNulls(each, schemaFor(key))]));
}

function finds(kind: Kind, spec: JsonValue): readonly string[] {
  return [...violationsOf(specSchema(kind), spec, ['spec'])].map(({ message }) => message);
}

interface Example {
  readonly kind: Kind;
  readonly spec: JsonObject;
}

/** Every object of the rules' examples. */
const examples: readonly Example[] = readdirSync(fixtures, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => {
    const read = readYaml(readFileSync(join(fixtures, name), 'utf8'), name);
    return read.ok ? read.value.documents.map(({ value }) => value) : [];
  })
  .flatMap((value) => {
    const { kind, spec } = isObject(value) ? value : {};
    const known = shapedKinds.find((each) => each === kind);
    return known !== undefined && isObject(spec) && !JSON.stringify(spec).includes('${')
      ? [{ kind: known, spec }]
      : [];
  });

describe('the shape of Istio objects', () => {
  it('is judged as by ajv in every example', () => {
    expect(examples.length).toBeGreaterThan(100);
    for (const { kind, spec } of examples)
      expect({ kind, spec, isFine: finds(kind, spec).length === 0 }).toEqual({
        kind,
        spec,
        isFine: accepts(kind, spec),
      });
  });

  it('is judged as by ajv when anything in it is changed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...examples),
        fc.nat(),
        values,
        fc.nat(3),
        ({ kind, spec }, at, value, how) => {
          const changed = mutate(spec, at, value, how);

          expect({ changed, isFine: finds(kind, changed).length === 0 }).toEqual({
            changed,
            isFine: accepts(kind, changed),
          });
        },
      ),
      { numRuns: runs(5000, 1000) },
    );
  });

  it.each<[string, Kind, JsonObject, string]>([
    [
      'a typing error',
      'DestinationRule',
      { host: 'a', trafficpolicy: {} },
      '"trafficpolicy" is not a field of "spec", but "trafficPolicy" is.',
    ],
    [
      'an old spelling',
      'VirtualService',
      { export_to: ['.'] },
      '"export_to" is not a field of "spec", but "exportTo" is.',
    ],
    [
      'capitals of a value',
      'PeerAuthentication',
      { mtls: { mode: 'strict' } },
      '"mode" must be one of UNSET, DISABLE, PERMISSIVE, STRICT, but is the string "strict"; the closest value is "STRICT".',
    ],
    ['a missing field', 'DestinationRule', {}, '"spec" is missing the required field "host".'],
    [
      'a text for a list',
      'Sidecar',
      { egress: [{ hosts: './*' }] },
      '"hosts" must be a list, but is the string "./*".',
    ],
    ['an item', 'Sidecar', { egress: [null] }, 'Item 1 of "egress" must be a map, but is null.'],
  ])('tells %s', (_, kind, spec, message) => {
    expect(finds(kind, spec)).toEqual([message]);
  });
});

const values = fc.oneof(
  fc.constantFrom<JsonValue>(
    null,
    '',
    'STRICT',
    'a',
    '5s',
    0,
    1,
    -1,
    1.5,
    70000,
    true,
    [],
    {},
    [null],
    ['a'],
    { a: 1 },
  ),
  fc.constantFrom<JsonValue>({ exact: 'a', prefix: 'b' }, { number: 80 }, { host: 'a' }, [{}], {
    simple: 'RANDOM',
  }),
);

/** Replaces, drops, renames or adds beside the n-th value of a tree. */
function mutate(root: JsonValue, at: number, value: JsonValue, how: number): JsonValue {
  const count = sizeOf(root);
  let left = at % count;
  function walk(node: JsonValue): JsonValue {
    if (left === 0) {
      left = -1;
      return value;
    }
    left -= 1;
    if (isList(node)) return node.map((item) => (left < 0 ? item : walk(item)));
    if (!isObject(node)) return node;
    const entries = Object.entries(node).flatMap(([key, each]): [string, JsonValue][] => {
      if (left < 0) return [[key, each]];
      const isHere = left === 0;
      const next = walk(each);
      if (!isHere || how === 0) return [[key, next]];
      if (how === 1) return [];
      return how === 2
        ? [[`${key}s`, each]]
        : [
            [key, each],
            ['prefix', next],
          ];
    });
    return Object.fromEntries(entries);
  }
  return walk(root);
}

function sizeOf(value: JsonValue): number {
  const below = isList(value) ? value : isObject(value) ? Object.values(value) : [];
  return 1 + below.reduce((sum: number, each) => sum + sizeOf(each), 0);
}
