import type { YamlEdit } from '../model/edit.ts';
import { isList, isObject, type JsonObject, type JsonValue, type YamlPath } from '../model/json.ts';

/** What a value becomes by edits: the meaning that an edited text must have.
 *  @returns undefined when a path leads through a scalar or past the end of a list */
export function applyToValue(value: JsonValue, edits: readonly YamlEdit[]): JsonValue | undefined {
  let now: JsonValue | undefined = value;
  for (const edit of edits) {
    if (now === undefined) return undefined;
    now =
      edit.op === 'delete'
        ? removeAt(now, edit.path, edit.pruneEmpty === true)
        : writeAt(now, edit.path, edit);
  }
  return now;
}

type Writing = Exclude<YamlEdit, { readonly op: 'delete' }>;

function writeAt(value: JsonValue | undefined, path: YamlPath, edit: Writing): JsonValue | undefined {
  const [step, ...rest] = path;
  if (step === undefined) {
    if (edit.op === 'set') return edit.value;
    if (value === undefined || value === null) return [edit.value];
    return isList(value) ? [...value, edit.value] : undefined;
  }
  if (isList(value)) {
    if (typeof step !== 'number' || step < 0 || step >= value.length) return undefined;
    const item = writeAt(value[step], rest, edit);
    return item === undefined ? undefined : value.map((each, index) => (index === step ? item : each));
  }
  if (value !== undefined && value !== null && !isObject(value)) return undefined;
  const map: JsonObject = isObject(value) ? value : {};
  const key = String(step);
  const member = writeAt(Object.hasOwn(map, key) ? map[key] : undefined, rest, edit);
  return member === undefined ? undefined : withMember(map, key, member);
}

function withMember(map: JsonObject, key: string, member: JsonValue): JsonObject {
  const entries = new Map(Object.entries(map));
  entries.set(key, member);
  return Object.fromEntries(entries);
}

function removeAt(value: JsonValue, path: YamlPath, pruneEmpty: boolean): JsonValue | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  if (isList(value)) {
    if (typeof step !== 'number' || value[step] === undefined) return value;
    if (rest.length === 0) return value.filter((_, index) => index !== step);
    const item = removeAt(value[step], rest, pruneEmpty);
    return item === undefined ? undefined : value.map((each, index) => (index === step ? item : each));
  }
  if (!isObject(value)) return value;
  const key = String(step);
  const member = Object.hasOwn(value, key) ? value[key] : undefined;
  if (member === undefined) return value;
  if (rest.length === 0) return without(value, key);
  const after = removeAt(member, rest, pruneEmpty);
  if (after === undefined) return undefined;
  const isEmpty = isObject(after) && Object.keys(after).length === 0 && after !== member;
  return pruneEmpty && isEmpty ? without(value, key) : withMember(value, key, after);
}

function without(map: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(map).filter(([each]) => each !== key));
}
