import { isList, isObject, objectAt, type JsonObject, type JsonValue, type YamlPath } from '../model/json.ts';

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

/** One operation of a JSON patch as far as it can be followed. */
export interface JsonPatchOperation {
  readonly op: string;
  readonly path: YamlPath;
  readonly value: JsonValue | undefined;
}

/** @see https://www.rfc-editor.org/rfc/rfc6902 */
export function parseJsonPatch(value: JsonValue): readonly JsonPatchOperation[] | undefined {
  if (!isList(value)) return undefined;
  const operations: JsonPatchOperation[] = [];
  for (const item of value) {
    if (!isObject(item) || typeof item.op !== 'string' || typeof item.path !== 'string') return undefined;
    operations.push({ op: item.op, path: parsePointer(item.path), value: item.value });
  }
  return operations;
}

function parsePointer(pointer: string): YamlPath {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Applies add, replace and remove to an object; other operations leave it as it is. While it builds, kustomize keeps notes
 *  of its own in an object's annotations, so that an operation on one of them finds the map. */
export function applyJsonPatch(target: JsonObject, operations: readonly JsonPatchOperation[]): JsonObject {
  const metadata = objectAt(target, 'metadata');
  let value: JsonValue = {
    ...target,
    metadata: { ...metadata, annotations: objectAt(metadata, 'annotations') },
  };
  for (const operation of operations) value = applyOne(value, operation.path, operation);
  return isObject(value) ? value : target;
}

function applyOne(value: JsonValue, path: YamlPath, operation: JsonPatchOperation): JsonValue {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (isList(value)) {
    const items = [...value];
    const index = step === '-' ? items.length : Number(step);
    if (!Number.isInteger(index) || index < 0 || index > items.length) return value;
    const item = items[index];
    if (rest.length > 0) {
      if (item !== undefined) items[index] = applyOne(item, rest, operation);
    } else if (operation.op === 'add') items.splice(index, 0, operation.value ?? null);
    else if (operation.op === 'replace') items[index] = operation.value ?? null;
    else if (operation.op === 'remove') items.splice(index, 1);
    return items;
  }
  if (!isObject(value)) return value;
  const members = new Map(Object.entries(value));
  const key = String(step);
  if (rest.length > 0) {
    const member = members.get(key);
    if (member !== undefined) members.set(key, applyOne(member, rest, operation));
  } else if (operation.op === 'remove') members.delete(key);
  else if (operation.op === 'add' || operation.op === 'replace') members.set(key, operation.value ?? null);
  return Object.fromEntries(members);
}
