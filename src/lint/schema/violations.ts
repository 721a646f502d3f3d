import { isList, isObject, type JsonObject, type JsonValue, type YamlPath } from '../../model/json.ts';
import { listed } from '../../mesh/part.ts';
import { isPlaceholder, quoted } from '../../mesh/syntax.ts';
import { nearest } from './nearest.ts';
import type { Schema } from './schema.ts';

export interface Violation {
  readonly path: YamlPath;
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly fix?: string;
}

/** Everything in which a value differs from a structural schema, as a Kubernetes API server with strict validation of
 *  fields reads both: unknown fields are mistakes, a null in a map is as good as absent unless it is allowed. Placeholders
 *  fit everywhere.
 *  @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema */
export function* violationsOf(schema: Schema, value: JsonValue, path: YamlPath): Iterable<Violation> {
  if (typeof value === 'string' && isPlaceholder(value)) return;
  if (value === null && schema.nullable === true) return;
  if (!isOfType(schema, value)) {
    const message = `${nameOf(path)} must be ${describeType(schema)}, and is ${describeValue(value)}.`;
    yield { path, at: 'value', message };
    return;
  }
  yield* limits(schema, value, path);
  if (isObject(value)) yield* inObject(schema, value, path);
  if (isList(value) && schema.items !== undefined)
    for (const [index, item] of value.entries()) yield* violationsOf(schema.items, item, [...path, index]);
}

function* inObject(schema: Schema, value: JsonObject, path: YamlPath): Iterable<Violation> {
  const { properties = {}, additionalProperties, required = [] } = schema;
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true || schema.properties === undefined;
  for (const [key, member] of Object.entries(value)) {
    if (isPlaceholder(key)) continue;
    const below = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    if (below !== undefined) {
      if (member !== null || below.nullable === true) yield* violationsOf(below, member, [...path, key]);
    } else if (!isOpen) yield unknownField(key, Object.keys(properties), path);
  }
  for (const key of required)
    if (!isThere(schema, value, key))
      yield { path, at: 'key', message: `${nameOf(path)} lacks ${listed([key])}, which must be there.` };
  const { oneOf, anyOf, not, allOf = [] } = schema;
  const own: Schema = { ...(oneOf && { oneOf }), ...(anyOf && { anyOf }), ...(not && { not }) };
  for (const each of [own, ...allOf]) if (!fits(each, value, schema)) yield choice(each, value, schema, path);
}

function unknownField(key: string, fields: readonly string[], path: YamlPath): Violation {
  const meant = nearest(key, fields);
  const place = path.length === 0 ? 'the object' : nameOf(path, false);
  return {
    path: [...path, key],
    at: 'key',
    message: `${quoted(key)} is no field of ${place}${meant === undefined ? '' : `, "${meant}" is`}.`,
    fix: meant === undefined ? `Delete it, or write one of ${some(fields)}.` : `Write "${meant}".`,
  };
}

/** Which of several fields that exclude each other are there, or are missing. */
function choice(each: Schema, value: JsonObject, schema: Schema, path: YamlPath): Violation {
  const names = [...new Set((each.oneOf ?? each.anyOf ?? []).flatMap(({ required = [] }) => required))];
  const there = Object.keys(value).filter((key) => names.includes(key) && isThere(schema, value, key));
  const second = there[1];
  if (second === undefined)
    return { path, at: 'key', message: `${nameOf(path)} needs exactly one of ${listed(names)}.` };
  return {
    path: [...path, second],
    at: 'key',
    message: `${listed(there)} exclude each other in ${nameOf(path, false)}.`,
    fix: 'Keep one of them.',
  };
}

/** Whether the fields that are there fit what oneOf, anyOf, not and required ask for. */
function fits(each: Schema, value: JsonObject, schema: Schema): boolean {
  const { required = [], oneOf, anyOf, allOf = [], not } = each;
  const fit = (other: Schema) => fits(other, value, schema);
  return (
    required.every((key) => isThere(schema, value, key)) &&
    (oneOf === undefined || oneOf.filter(fit).length === 1) &&
    (anyOf === undefined || anyOf.some(fit)) &&
    allOf.every(fit) &&
    (not === undefined || !fit(not))
  );
}

function isThere({ properties = {} }: Schema, value: JsonObject, key: string): boolean {
  if (!Object.hasOwn(value, key)) return false;
  return value[key] !== null || (Object.hasOwn(properties, key) && properties[key]?.nullable === true);
}

function isOfType(schema: Schema, value: JsonValue): boolean {
  if (schema['x-kubernetes-int-or-string'] === true)
    return typeof value === 'string' || Number.isInteger(value);
  if (schema.type === undefined) return true;
  if (schema.type === 'object') return isObject(value);
  if (schema.type === 'array') return isList(value);
  return schema.type === 'integer' ? Number.isInteger(value) : typeof value === schema.type;
}

function* limits(schema: Schema, value: JsonValue, path: YamlPath): Iterable<Violation> {
  const name = nameOf(path);
  const says = (message: string, fix?: string): Violation => ({
    path,
    at: 'value',
    message: `${name} ${message}.`,
    ...(fix !== undefined && { fix }),
  });
  const { enum: options, pattern } = schema;
  if (options !== undefined && !options.includes(value)) {
    const meant = typeof value === 'string' ? nearest(value, options.map(String)) : undefined;
    const is = meant === undefined ? describeValue(value) : `${describeValue(value)}: "${meant}" looks meant`;
    yield says(`must be one of ${some(options.map(String))}, and is ${is}`, meant && `Write ${meant}.`);
  }
  if (typeof value === 'number') {
    if (schema.minimum !== undefined && value < schema.minimum)
      yield says(`must be at least ${String(schema.minimum)}, and is ${String(value)}`);
    if (schema.maximum !== undefined && value > schema.maximum)
      yield says(`must be at most ${String(schema.maximum)}, and is ${String(value)}`);
  }
  const [size, least, most, unit] = sizeOf(schema, value);
  if (size < least) yield says(least === 1 ? 'must not be empty' : `needs at least ${String(least)} ${unit}`);
  if (size > most) yield says(`must not have more than ${String(most)} ${unit}`);
  if (pattern !== undefined && typeof value === 'string' && size <= most && !new RegExp(pattern).test(value))
    yield says(`can't be ${quoted(value)}, which is no match for ${pattern}`);
}

function sizeOf(schema: Schema, value: JsonValue): readonly [number, number, number, string] {
  if (typeof value === 'string')
    return [
      Array.from(value.slice(0, 100_000)).length,
      schema.minLength ?? 0,
      schema.maxLength ?? Infinity,
      'characters',
    ];
  if (isList(value)) return [value.length, schema.minItems ?? 0, schema.maxItems ?? Infinity, 'items'];
  if (isObject(value))
    return [
      Object.keys(value).length,
      schema.minProperties ?? 0,
      schema.maxProperties ?? Infinity,
      'entries',
    ];
  return [0, 0, Infinity, ''];
}

function describeType(schema: Schema): string {
  if (schema.enum !== undefined) return `one of ${some(schema.enum.map(String))}`;
  if (schema.format?.startsWith('duration') === true) return 'a duration in quotes or with a unit, as 5s';
  const names = {
    object: 'a map',
    array: 'a list',
    string: 'a text',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
  };
  return schema.type === undefined ? 'a whole number or a text' : names[schema.type];
}

function describeValue(value: JsonValue): string {
  if (value === null) return 'null';
  if (isList(value)) return 'a list';
  if (isObject(value)) return 'a map';
  return typeof value === 'string' ? `the text ${quoted(value)}` : String(value);
}

/** The last field of a path, with the index of the item when it is one of a list. */
function nameOf(path: YamlPath, isFirst = true): string {
  const at = path.findLastIndex((step) => typeof step === 'string');
  const field = path[at];
  if (field === undefined) return isFirst ? 'The object' : 'the object';
  const inside = path.length - 1 - at;
  if (inside === 0) return quoted(String(field));
  return `${isFirst ? 'Item' : 'item'} ${String(Number(path.at(-1)) + 1)} of ${quoted(String(field))}`;
}

function some(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(', ')} …` : names.join(', ');
}
