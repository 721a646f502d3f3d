/** What a YAML document means once anchors and merge keys are resolved. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type JsonObject = Readonly<Record<string, JsonValue>>;

/** Keys and list indexes from a document's root to a value. */
export type YamlPath = readonly (string | number)[];

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The value at `path`; undefined when any step is missing. Inherited members are never seen. */
export function valueAt(value: JsonValue | undefined, ...path: YamlPath): JsonValue | undefined {
  let at = value;
  for (const step of path) {
    if (isList(at) && typeof step === 'number') at = at[step];
    else if (isObject(at) && Object.hasOwn(at, String(step))) at = at[String(step)];
    else return undefined;
  }
  return at;
}

export function stringAt(value: JsonValue | undefined, ...path: YamlPath): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' ? found : undefined;
}

export function objectAt(value: JsonValue | undefined, ...path: YamlPath): JsonObject {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : {};
}

export function listAt(value: JsonValue | undefined, ...path: YamlPath): readonly JsonValue[] {
  const found = valueAt(value, ...path);
  return isList(found) ? found : [];
}

export function stringsAt(value: JsonValue | undefined, ...path: YamlPath): readonly string[] {
  return listAt(value, ...path).filter((item) => typeof item === 'string');
}
