import {
  isObject,
  isList,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  type JsonObject,
  type JsonValue,
  type YamlPath,
} from '../model/json.ts';
import { labelsAt } from '../k8s/selector.ts';
import { selectsByText } from '../k8s/selector-text.ts';
import { groupOf, type FileLocation, type KustomizationFile, type Touch } from '../model/manifest.ts';
import type { TextRange } from '../model/resource.ts';
import { idOf, kindOf, type Building, type ObjectId } from './building.ts';
import { applyJsonPatch, asTargeted, parseJsonPatch, pathsOfMerge, strategicMerge } from './patch.ts';
import { isClusterScoped } from './transform.ts';

/** Reads a patch given inline (`text`) or by file, as the values of its documents; undefined: not read yet or broken. */
export type ReadPatch = (
  entry: { readonly text: string } | { readonly path: string },
  place: FileLocation,
) => { readonly place: FileLocation; readonly documents: readonly PatchDocument[] } | undefined;

/** One document of a patch; `rangeOf` where it is in a file of its own. */
interface PatchDocument {
  readonly value: JsonValue;
  readonly rangeOf?: (path: YamlPath, which?: 'key' | 'value') => TextRange;
}

/** Applies `patchesStrategicMerge` and `patches` of one kustomization, recording what each touches. */
export function applyPatches(objects: readonly Building[], level: KustomizationFile, read: ReadPatch): void {
  const key = level.key('patchesStrategicMerge');
  for (const [index, entry] of listAt(level.value, key).entries()) {
    if (typeof entry !== 'string') continue;
    const isInline = entry.includes('\n');
    const patch = read(isInline ? { text: entry } : { path: entry }, level.locationOf([key, index]));
    for (const document of patch?.documents ?? [])
      mergeInto(objects, { ...document, value: asTargeted(document.value) }, patch?.place);
  }
  applyTargeted(objects, level, 'patches', read);
}

/** `patchesJson6902`, which kustomize runs after names and labels. */
export function applyLatePatches(
  objects: readonly Building[],
  level: KustomizationFile,
  read: ReadPatch,
): void {
  applyTargeted(objects, level, 'patchesJson6902', read);
}

function applyTargeted(
  objects: readonly Building[],
  level: KustomizationFile,
  name: 'patches' | 'patchesJson6902',
  read: ReadPatch,
): void {
  const key = level.key(name);
  for (const [index, entry] of listAt(level.value, key).entries()) {
    if (!isObject(entry)) continue;
    const text = stringAt(entry, 'patch');
    const path = stringAt(entry, 'path');
    const place = level.locationOf([key, index]);
    const patch =
      text !== undefined ? read({ text }, place) : path !== undefined ? read({ path }, place) : undefined;
    if (patch === undefined) continue;
    const target = isObject(entry.target) ? entry.target : undefined;
    for (const document of patch.documents) {
      const { value } = document;
      const operations = parseJsonPatch(value);
      if (target === undefined) {
        mergeInto(objects, document, patch.place);
        continue;
      }
      for (const object of objects) {
        if (!isSelected(object, target)) continue;
        if (operations !== undefined) {
          object.value = applyJsonPatch(object.value, operations);
          object.touches.push({ by: patch.place, paths: operations.map((operation) => operation.path) });
        } else if (isObject(value))
          mergeOne(object, objectAt(asTargeted(value)), { by: patch.place, ...rangeOf(document) });
      }
    }
  }
}

function rangeOf({ rangeOf }: PatchDocument): Pick<Touch, 'rangeOf'> {
  return rangeOf === undefined ? {} : { rangeOf };
}

function mergeInto(
  objects: readonly Building[],
  document: PatchDocument,
  by: FileLocation | undefined,
): void {
  const { value: patch } = document;
  if (by === undefined || !isObject(patch)) return;
  for (const object of objects) {
    if (stringAt(object.value, 'apiVersion') !== stringAt(patch, 'apiVersion')) continue;
    if (kindOf(object.value) !== kindOf(patch) || !isCalled(object, idOf(patch))) continue;
    mergeOne(object, patch, { by, ...rangeOf(document) });
  }
}

/** Whether a patch that names no target means the object: by any name it had, each with the namespace it had then.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/kyaml/resid/resid.go */
function isCalled({ ids, value }: Building, { name, namespace }: ObjectId): boolean {
  const kind = kindOf(value);
  return ids.some(
    (id) =>
      id.name === name && (isClusterScoped(kind) || namespaceIn(id) === namespaceIn({ name, namespace })),
  );
}

function namespaceIn({ namespace }: ObjectId): string {
  return namespace === '' ? 'default' : namespace;
}

function mergeOne(object: Building, patch: JsonObject, touch: Omit<Touch, 'paths'>): void {
  if (patch.$patch === 'delete') {
    object.value = { ...object.value, $patch: 'delete' };
    object.touches.push({ ...touch, paths: [[]] });
    return;
  }
  const { apiVersion, kind, metadata } = object.value;
  const merged = strategicMerge(object.value, patch);
  // A patch selects by name and never renames, whatever it says there.
  const own = isObject(metadata) ? metadata : {};
  const identity = Object.entries(own).filter(([key]) => key === 'name' || key === 'namespace');
  const patched = Object.entries(objectAt(merged, 'metadata')).filter(
    ([key]) => key !== 'name' && key !== 'namespace',
  );
  object.value = {
    ...merged,
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    metadata: Object.fromEntries([...identity, ...patched]),
  };
  object.touches.push({ ...touch, paths: pathsOfMerge(patch) });
}

function isSelected(object: Building, target: JsonObject): boolean {
  const apiVersion = stringAt(object.value, 'apiVersion') ?? '';
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1);
  return (
    matches(target.group, groupOf(apiVersion)) &&
    matches(target.version, version) &&
    matches(target.kind, kindOf(object.value)) &&
    object.ids.some(({ name }) => matches(target.name, name)) &&
    object.ids.some((id) => matches(target.namespace, namespaceIn(id))) &&
    selectsByText(stringAt(target, 'labelSelector') ?? '', labelsAt(object.value, 'metadata', 'labels')) &&
    selectsByText(
      stringAt(target, 'annotationSelector') ?? '',
      labelsAt(object.value, 'metadata', 'annotations'),
    )
  );
}

/** kustomize anchors each selector field as a regular expression. */
function matches(pattern: JsonValue | undefined, text: string): boolean {
  if (pattern === undefined || pattern === null || pattern === '') return true;
  if (typeof pattern !== 'string') return false;
  if (pattern === text) return true;
  // Only alternatives and `.*` are followed: a pattern out of a repository never becomes a regular expression of ours.
  return pattern
    .replace(/^\^?\(?/, '')
    .replace(/\)?\$?$/, '')
    .split('|')
    .some(
      (part) => part === text || part === '.*' || (part.endsWith('.*') && text.startsWith(part.slice(0, -2))),
    );
}

/** Fields that `replacements` write; what they write is not computed, so an edit there is not provable. */
export function recordReplacements(objects: readonly Building[], level: KustomizationFile): void {
  const key = level.key('replacements');
  for (const [index, entry] of listAt(level.value, key).entries()) {
    const targets = isObject(entry) ? entry.targets : undefined;
    if (!isList(targets)) {
      // `path:` to a file of replacements: unknown targets touch everything.
      const touch: Touch = { by: level.locationOf([key, index]), paths: undefined };
      for (const object of objects) object.touches.push(touch);
      continue;
    }
    for (const target of targets) {
      const select = objectAt(target, 'select');
      const paths: YamlPath[] = stringsAt(target, 'fieldPaths').map((path) => path.split('.'));
      for (const object of objects)
        if (isSelected(object, select)) object.touches.push({ by: level.locationOf([key, index]), paths });
    }
  }
}
