import { isList, isObject, type JsonObject, type JsonValue, type YamlPath } from '../../model/json.ts';
import { listed } from '../facts/part.ts';
import { hasPlaceholder } from '../../mesh/placeholder.ts';
import { quoted } from '../facts/syntax.ts';
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
export function violationsOf(schema: Schema, value: JsonValue, path: YamlPath): readonly Violation[] {
  const found: Violation[] = [];
  visit(schema, value, [...path], found);
  return found;
}

/** @param path  is the same list throughout: nearly all values are fine, and need none of their own */
function visit(schema: Schema, value: JsonValue, path: (string | number)[], found: Violation[]): void {
  if (value === null && schema.nullable === true) return;
  if (!isOfType(schema, value)) {
    if (typeof value === 'string' && hasPlaceholder(value)) return;
    const message = `${nameOf(path)} must be ${describeType(schema)}, but is ${describeValue(value)}.`;
    found.push({ path: [...path], at: 'value', message });
    return;
  }
  for (const message of limits(schema, value))
    if (typeof value !== 'string' || !hasPlaceholder(value))
      found.push({ path: [...path], at: 'value', message: `${nameOf(path)} ${message}.` });
  if (isObject(value)) visitObject(schema, value, path, found);
  if (isList(value) && schema.items !== undefined)
    for (const [index, item] of value.entries()) {
      path.push(index);
      visit(schema.items, item, path, found);
      path.pop();
    }
}

function visitObject(schema: Schema, value: JsonObject, path: (string | number)[], found: Violation[]): void {
  const { properties, additionalProperties, required = [], oneOf, anyOf, not, allOf = [] } = schema;
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true || properties === undefined;
  for (const key of Object.keys(value)) {
    const member = value[key];
    const own = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
    const below = own ?? additionalProperties;
    if (below !== undefined && member !== undefined) {
      if (member === null && below.nullable !== true) continue;
      path.push(key);
      visit(below, member, path, found);
      path.pop();
    } else if (!isOpen && !hasPlaceholder(key))
      found.push(unknownField(key, Object.keys(properties), [...path]));
  }
  for (const key of required)
    if (!isThere(schema, value, key))
      found.push({
        path: [...path],
        at: 'key',
        message: `${nameOf(path)} is missing the required field ${listed([key])}.`,
      });
  if (oneOf === undefined && anyOf === undefined && not === undefined && allOf.length === 0) return;
  const own: Schema = { ...(oneOf && { oneOf }), ...(anyOf && { anyOf }), ...(not && { not }) };
  for (const each of [own, ...allOf])
    if (!fits(each, value, schema)) found.push(choice(each, value, schema, [...path]));
}

function unknownField(key: string, fields: readonly string[], path: YamlPath): Violation {
  const meant = nearest(key, fields);
  const owner = path.length === 0 ? 'the object' : nameOf(path, false);
  return {
    path: [...path, key],
    at: 'key',
    message: `${quoted(key)} is not a field of ${owner}${meant === undefined ? '' : `, but "${meant}" is`}.`,
    fix: meant === undefined ? `Remove it, or use one of ${some(fields)}.` : `Use "${meant}".`,
  };
}

/** Which of several mutually exclusive fields are set, or that none is. */
function choice(each: Schema, value: JsonObject, schema: Schema, path: YamlPath): Violation {
  const names = [...new Set((each.oneOf ?? each.anyOf ?? []).flatMap(({ required = [] }) => required))];
  const there = Object.keys(value).filter((key) => names.includes(key) && isThere(schema, value, key));
  const second = there[1];
  if (second === undefined)
    return { path, at: 'key', message: `${nameOf(path)} must have exactly one of ${listed(names)}.` };
  return {
    path: [...path, second],
    at: 'key',
    message: `${listed(there)} are mutually exclusive in ${nameOf(path, false)}.`,
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

/** Whether a field is left once the API server has dropped the nulls. */
function isThere({ properties = {}, additionalProperties }: Schema, value: JsonObject, key: string): boolean {
  if (!Object.hasOwn(value, key)) return false;
  const below = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
  return value[key] !== null || below?.nullable === true;
}

function isOfType(schema: Schema, value: JsonValue): boolean {
  if (schema['x-kubernetes-int-or-string'] === true)
    return typeof value === 'string' || Number.isInteger(value);
  if (schema.type === undefined) return true;
  if (schema.type === 'object') return isObject(value);
  if (schema.type === 'array') return isList(value);
  return schema.type === 'integer' ? Number.isInteger(value) : typeof value === schema.type;
}

/** Phrases that follow the name of the field. */
function* limits(schema: Schema, value: JsonValue): Iterable<string> {
  const { enum: options, pattern, minimum = -Infinity, maximum = Infinity } = schema;
  if (options !== undefined && !options.includes(value)) {
    const meant = typeof value === 'string' ? nearest(value, options.map(String)) : undefined;
    const hint = meant === undefined ? '' : `; the closest value is "${meant}"`;
    yield `must be one of ${some(options.map(String))}, but is ${describeValue(value)}${hint}`;
  }
  if (typeof value === 'number') {
    if (value < minimum) yield `must be at least ${String(minimum)}, but is ${String(value)}`;
    if (value > maximum) yield `must be at most ${String(maximum)}, but is ${String(value)}`;
  }
  const [least, most, unit] = sizesOf(schema, value);
  if (least === 0 && most === Infinity && pattern === undefined) return;
  const size = sizeOf(schema, value);
  if (size < least) yield least === 1 ? 'must not be empty' : `must have at least ${String(least)} ${unit}`;
  if (size > most) yield `must not have more than ${String(most)} ${unit}`;
  if (pattern !== undefined && typeof value === 'string' && size <= most && !new RegExp(pattern).test(value))
    yield `can't be ${quoted(value)}, which does not match ${pattern}`;
}

function sizesOf(schema: Schema, value: JsonValue): readonly [least: number, most: number, unit: string] {
  if (typeof value === 'string') return [schema.minLength ?? 0, schema.maxLength ?? Infinity, 'characters'];
  if (isList(value)) return [schema.minItems ?? 0, schema.maxItems ?? Infinity, 'items'];
  return [schema.minProperties ?? 0, schema.maxProperties ?? Infinity, 'entries'];
}

function sizeOf(schema: Schema, value: JsonValue): number {
  if (typeof value === 'string') return Array.from(value.slice(0, 100_000)).length;
  if (isList(value)) return value.length;
  return isObject(value) ? Object.keys(value).filter((key) => isThere(schema, value, key)).length : 0;
}

function describeType(schema: Schema): string {
  if (schema.enum !== undefined) return `one of ${some(schema.enum.map(String))}`;
  if (schema.format?.startsWith('duration') === true) return 'a duration with a unit, such as 5s';
  const names = {
    object: 'a map',
    array: 'a list',
    string: 'a string',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
  };
  return schema.type === undefined ? 'a whole number or a string' : names[schema.type];
}

function describeValue(value: JsonValue): string {
  if (value === null) return 'null';
  if (isList(value)) return 'a list';
  if (isObject(value)) return 'a map';
  return typeof value === 'string' ? `the string ${quoted(value)}` : String(value);
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
