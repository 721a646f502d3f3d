import { isList, isObject, type JsonObject, type JsonValue, type YamlPath } from '../model/json.ts';

const isCore = (apiVersion: JsonValue | undefined) =>
  typeof apiVersion === 'string' && !/\.(istio|toolkit\.fluxcd)\.io\//.test(apiVersion);

/** Strategic merge as kustomize does it: on custom resources lists are replaced whole, on built-in kinds lists of
 *  named things merge by name. A null deletes.
 *  @see https://kubectl.docs.kubernetes.io/references/kustomize/glossary/#patchstrategicmerge */
export function strategicMerge(target: JsonObject, patch: JsonObject): JsonObject {
  return mergeMaps(target, patch, isCore(target.apiVersion));
}

function mergeMaps(target: JsonObject, patch: JsonObject, mergesLists: boolean): JsonObject {
  const merged = new Map(Object.entries(target));
  for (const [key, value] of Object.entries(patch)) {
    const before = merged.get(key);
    if (value === null) merged.delete(key);
    else if (isObject(value)) merged.set(key, mergeMaps(isObject(before) ? before : {}, value, mergesLists));
    else if (mergesLists && isList(value) && isList(before) && isNamed(value) && isNamed(before))
      merged.set(key, mergeNamed(before, value));
    else merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

type NamedItem = JsonObject & { readonly name: string };

/** Why kustomize can't merge a patch into an object: both write the same field, and as different kinds of things.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/kyaml/yaml/walk/walk.go Walk */
export function mergeRefusal(target: JsonObject, patch: JsonObject): string | undefined {
  return refusalOfMaps(target, patch, isCore(target.apiVersion), []);
}

function refusalOfMaps(
  target: JsonObject,
  patch: JsonObject,
  mergesLists: boolean,
  path: YamlPath,
): string | undefined {
  for (const [key, value] of Object.entries(patch)) {
    const before = Object.hasOwn(target, key) ? target[key] : undefined;
    if (before === undefined || before === null || value === null) continue;
    const [wanted, got] = [nodeKind(before), nodeKind(value)];
    const at = [...path, key];
    if (wanted !== got) return `wrong node kind at ${at.join('.')}: expected ${wanted} but got ${got}`;
    const inner =
      isObject(before) && isObject(value)
        ? refusalOfMaps(before, value, mergesLists, at)
        : mergesLists && isList(before) && isList(value) && isNamed(before) && isNamed(value)
          ? refusalOfNamed(before, value, at)
          : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function refusalOfNamed(
  before: readonly NamedItem[],
  patch: readonly NamedItem[],
  at: YamlPath,
): string | undefined {
  const items = new Map(before.map((item) => [item.name, item]));
  for (const item of patch) {
    const found = refusalOfMaps(items.get(item.name) ?? {}, item, true, [...at, item.name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function nodeKind(value: JsonValue): string {
  if (isList(value)) return 'SequenceNode';
  return isObject(value) ? 'MappingNode' : 'ScalarNode';
}

function isNamed(list: readonly JsonValue[]): list is readonly NamedItem[] {
  return list.every((item) => isObject(item) && typeof item.name === 'string');
}

function mergeNamed(before: readonly NamedItem[], patch: readonly NamedItem[]): readonly JsonObject[] {
  const merged = new Map<string, JsonObject>(before.map((item) => [item.name, item]));
  for (const item of patch) merged.set(item.name, mergeMaps(merged.get(item.name) ?? {}, item, true));
  return [...merged.values()];
}

/** Whether kustomize refuses a patch for its form: what begins as a JSON list must be JSON, not YAML's flow style.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/builtins/PatchTransformer.go jsonPatchFromBytes */
export function isBrokenJson(text: string): boolean {
  if (!text.startsWith('[')) return false;
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

/** What is said of one. */
export const notJson = {
  message: 'kustomize refuses the patch: it begins as a JSON list and is not valid JSON.',
  fix: 'Put keys and texts in double quotes, or write each operation on a line of its own behind a dash.',
};

/** The patch as kustomize merges it where the kustomization names a target, or lists it in `patchesStrategicMerge`: labels and annotations of the object itself
 *  are copied as text first, so that a null there becomes the word "null", and a map of them that is null is forgotten.
 *  In `patches` without a target a null deletes.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/resource/resource.go CopyMergeMetaDataFieldsFrom */
export function asTargeted(patch: JsonValue): JsonValue {
  if (!isObject(patch) || !isObject(patch.metadata)) return patch;
  const members = Object.entries(patch.metadata).flatMap(([key, value]): [string, JsonValue][] => {
    if (key !== 'labels' && key !== 'annotations') return [[key, value]];
    if (!isObject(value) || Object.keys(value).length === 0) return [];
    const texts = Object.entries(value).map(([name, text]) => [
      name,
      isObject(text) || isList(text) ? text : String(text),
    ]);
    return [[key, Object.fromEntries(texts) as JsonObject]];
  });
  return { ...patch, metadata: Object.fromEntries(members) };
}

/** The paths a strategic merge patch writes; lists and scalars are leaves. */
export function pathsOfMerge(patch: JsonObject, at: YamlPath = []): readonly YamlPath[] {
  const paths: YamlPath[] = [];
  for (const [key, value] of Object.entries(patch)) {
    if (at.length === 0 && (key === 'apiVersion' || key === 'kind')) continue;
    if (at.length === 1 && at[0] === 'metadata' && (key === 'name' || key === 'namespace')) continue;
    const path = [...at, key];
    if (isObject(value) && Object.keys(value).length > 0) paths.push(...pathsOfMerge(value, path));
    else paths.push(path);
  }
  return paths;
}
