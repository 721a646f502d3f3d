import { isList, isObject, type JsonObject, type JsonValue, type YamlPath } from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';
import { hasPlaceholder } from '../../mesh/placeholder.ts';

/** A map inside an object, and where it is. */
export interface Part {
  readonly path: YamlPath;
  readonly value: JsonObject;
}

export function specOf({ spec }: Resource): Part {
  return { path: ['spec'], value: spec };
}

/** The maps at the end of a path of keys; every item of the lists on the way. What has another type is left out. */
export function* partsIn(part: Part, ...keys: readonly string[]): Iterable<Part> {
  const [key, ...rest] = keys;
  if (key === undefined) {
    yield part;
    return;
  }
  if (!Object.hasOwn(part.value, key)) return;
  const next = part.value[key];
  const path = [...part.path, key];
  if (isList(next)) {
    for (const [index, item] of next.entries())
      if (isObject(item)) yield* partsIn({ path: [...path, index], value: item }, ...rest);
  } else if (isObject(next)) yield* partsIn({ path, value: next }, ...rest);
}

/** A text inside an object, and where it is. */
export interface Text {
  readonly path: YamlPath;
  readonly text: string;
}

/** The texts of a field that is a text or a list of them, below the maps that `partsIn` finds. No placeholders. */
export function* textsIn(part: Part, ...keys: readonly string[]): Iterable<Text> {
  const field = keys.at(-1) ?? '';
  for (const { path, value } of partsIn(part, ...keys.slice(0, -1))) {
    if (!Object.hasOwn(value, field)) continue;
    const found = value[field];
    const at = [...path, field];
    if (typeof found === 'string' && !hasPlaceholder(found)) yield { path: at, text: found };
    if (!isList(found)) continue;
    for (const [index, text] of found.entries())
      if (typeof text === 'string' && !hasPlaceholder(text)) yield { path: [...at, index], text };
  }
}

/** What a map holds, with the place of each; keys that are placeholders are left out. */
export function* entriesIn(
  part: Part,
  ...keys: readonly string[]
): Iterable<{ readonly path: YamlPath; readonly key: string; readonly value: JsonValue }> {
  for (const { path, value } of partsIn(part, ...keys))
    for (const [key, each] of Object.entries(value))
      if (!hasPlaceholder(key)) yield { path: [...path, key], key, value: each };
}

/** Whether a field has a value: to Istio, null, an empty string and an empty list are the same as absent. */
export function says({ value }: Part, ...fields: readonly string[]): boolean {
  return fields.some((field) => {
    const found = Object.hasOwn(value, field) ? value[field] : undefined;
    return found !== undefined && found !== null && found !== '' && !(isList(found) && found.length === 0);
  });
}

/** The fields that have a value. */
export function saying(part: Part, ...fields: readonly string[]): readonly string[] {
  return fields.filter((field) => says(part, field));
}

/** `"a", "b" and "c"`. */
export function listed(names: readonly string[]): string {
  const all = names.map((name) => `"${name}"`);
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
}
