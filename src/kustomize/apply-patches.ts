import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  type JsonObject,
  type JsonValue,
  type YamlPath,
} from '../model/json.ts';
import type { FileLocation, KustomizationFile, Touch } from '../model/manifest.ts';
import type { TextRange } from '../model/resource.ts';
import {
  idOf,
  isGone,
  kindOf,
  missingOf,
  namespaceIn,
  refusedBuild,
  type Building,
  type ObjectId,
  type Refuse,
} from './building.ts';
import { applyJsonPatch, parseJsonPatch, pathsOfJsonPatch, type JsonPatchOperation } from './json-patch.ts';
import { printedId } from './joined.ts';
import { asTargeted, mergeRefusal, pathsOfMerge, strategicMerge } from './patch.ts';
import { isSelected, selectorRefusal } from './selection.ts';
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

/** What patches are read and judged with. */
export interface Patching {
  readonly read: ReadPatch;
  readonly refuse: Refuse;
  /** Whether all that the level includes was read: else an object that nobody finds may be there. */
  readonly isWhole: () => boolean;
  /** Whether there is work left for a patch that looks at so many objects; refuses the build when there is not. */
  readonly mayLookAt: (objects: number, place: FileLocation) => boolean;
}

/** Applies `patchesStrategicMerge` and `patches` of one kustomization, recording what each touches and refusing what
 *  kustomize refuses.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/builtins/PatchTransformer.go */
export function applyPatches(
  objects: readonly Building[],
  level: KustomizationFile,
  patching: Patching,
): void {
  const key = level.key('patchesStrategicMerge');
  for (const [index, entry] of listAt(level.value, key).entries()) {
    if (typeof entry !== 'string') continue;
    const isInline = entry.includes('\n');
    const place = level.locationOf([key, index]);
    if (!patching.mayLookAt(objects.length, place)) return;
    const patch = patching.read(isInline ? { text: entry } : { path: entry }, place);
    if (patch === undefined) continue;
    const documents = patch.documents.filter(({ value }) => value !== null);
    if (documents.length === 0)
      broken(patching, place, `patch appears to be empty; files=[${isInline ? '' : entry}]`);
    for (const document of documents)
      if (missingOf(document.value) === undefined)
        mergeInto(objects, { ...document, value: asTargeted(document.value) }, patch.place, place, patching);
      else broken(patching, place, 'the patch names no kind, or no metadata.name');
  }
  applyTargeted(objects, level, 'patches', patching);
}

/** `patchesJson6902`, which kustomize runs after names and labels. */
export function applyLatePatches(
  objects: readonly Building[],
  level: KustomizationFile,
  patching: Patching,
): void {
  applyTargeted(objects, level, 'patchesJson6902', patching);
}

function applyTargeted(
  objects: readonly Building[],
  level: KustomizationFile,
  name: 'patches' | 'patchesJson6902',
  patching: Patching,
): void {
  const key = level.key(name);
  for (const [index, entry] of listAt(level.value, key).entries()) {
    if (!isObject(entry)) continue;
    const place = level.locationOf([key, index]);
    if (!patching.mayLookAt(objects.length, place)) return;
    const source = sourceOf(entry);
    if ('refused' in source) {
      broken(patching, place, source.refused);
      continue;
    }
    const patch = patching.read(source, place);
    if (patch === undefined) continue;
    const target = isObject(entry.target) ? entry.target : undefined;
    const refused =
      (target === undefined ? undefined : selectorRefusal(target, objects)) ??
      apply(objects, patch, target, place, patching);
    if (refused !== undefined) broken(patching, place, refused);
  }
}

/** Where an entry's patch is: in the entry, or in a file. */
function sourceOf(
  entry: JsonObject,
): { readonly text: string } | { readonly path: string } | { readonly refused: string } {
  const text = (stringAt(entry, 'patch') ?? '').trim();
  const path = stringAt(entry, 'path') ?? '';
  if (text !== '' && path !== '') return { refused: "patch and path can't be set at the same time" };
  if (text === '' && path === '') return { refused: 'must specify one of patch and path' };
  return path === '' ? { text: stringAt(entry, 'patch') ?? '' } : { path };
}

/** @returns why kustomize refuses the patch itself */
function apply(
  objects: readonly Building[],
  patch: NonNullable<ReturnType<ReadPatch>>,
  target: JsonObject | undefined,
  place: FileLocation,
  patching: Patching,
): string | undefined {
  const documents = patch.documents.filter(({ value }) => value !== null);
  const [first] = documents;
  if (first === undefined) return undefined;
  const operations = parseJsonPatch(first.value);
  if (operations !== undefined) {
    if (target === undefined) return 'must specify a target for JSON patch';
    for (const object of objects)
      if (isSelected(object, target)) patchOne(object, operations, patch.place, place, patching);
    return undefined;
  }
  if (documents.some(({ value }) => missingOf(value) !== undefined))
    return 'unable to parse SM or JSON patch';
  if (target === undefined) {
    for (const document of documents) mergeInto(objects, document, patch.place, place, patching);
    return undefined;
  }
  if (documents.length > 1)
    return 'Multiple Strategic-Merge Patches in one `patches` entry is not allowed to set `patches.target` field';
  for (const object of objects)
    if (isSelected(object, target))
      mergeOne(
        object,
        objectAt(asTargeted(first.value)),
        { by: patch.place, ...rangeOf(first) },
        place,
        patching,
      );
  return undefined;
}

function broken({ refuse }: Patching, place: FileLocation, reason: string): void {
  refuse('kustomize-broken-patch', place, { message: refusedBuild(reason), fix: 'Correct the patch.' });
}

function patchOne(
  object: Building,
  operations: readonly JsonPatchOperation[],
  by: FileLocation,
  place: FileLocation,
  patching: Patching,
): void {
  object.touches.push({ by, paths: pathsOfJsonPatch(operations) });
  const patched = applyJsonPatch(object.value, operations);
  const name = printedId(object.value);
  if (patched.refused !== undefined) {
    if (!object.isOpaque) fails(patching, place, `${patched.refused} (in ${name})`);
    return;
  }
  const missing = missingOf(patched.value);
  if (missing !== undefined) fails(patching, place, `missing ${missing} in object ${name}`);
  const { name: before, namespace } = idOf(object.value);
  object.value = patched.value;
  const now = idOf(object.value);
  if (now.name !== before || now.namespace !== namespace) object.ids.push(now);
}

function fails({ refuse }: Patching, place: FileLocation, reason: string): void {
  refuse('kustomize-patch-fails', place, {
    message: refusedBuild(reason),
    fix: 'Correct the patch, or what it is applied to.',
  });
}

function rangeOf({ rangeOf }: PatchDocument): Pick<Touch, 'rangeOf'> {
  return rangeOf === undefined ? {} : { rangeOf };
}

/** Merges a patch into the one object that it names. */
function mergeInto(
  objects: readonly Building[],
  document: PatchDocument,
  by: FileLocation,
  place: FileLocation,
  patching: Patching,
): void {
  const { value: patch } = document;
  if (!isObject(patch)) return;
  const found = objects.filter(
    (object) =>
      !isGone(object) &&
      stringAt(object.value, 'apiVersion') === stringAt(patch, 'apiVersion') &&
      kindOf(object.value) === kindOf(patch) &&
      isCalled(object, idOf(patch)),
  );
  const [object] = found;
  if (object !== undefined && found.length === 1) {
    mergeOne(object, patch, { by, ...rangeOf(document) }, place, patching);
    return;
  }
  if (object === undefined && !patching.isWhole()) return;
  const id = printedId(patch);
  patching.refuse('kustomize-patch-target', place, {
    message: refusedBuild(
      `${object === undefined ? 'no' : 'multiple'} matches for Id ${id}; failed to find unique target for patch ${id}`,
    ),
    fix:
      object === undefined
        ? 'Correct the apiVersion, kind, name or namespace in the patch, or remove it.'
        : 'Say in the patch which one: its metadata.namespace.',
  });
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

function mergeOne(
  object: Building,
  patch: JsonObject,
  touch: Omit<Touch, 'paths'>,
  place: FileLocation,
  patching: Patching,
): void {
  if (patch.$patch === 'delete') {
    object.value = { ...object.value, $patch: 'delete' };
    object.touches.push({ ...touch, paths: [[]] });
    return;
  }
  const refused = object.isOpaque ? undefined : mergeRefusal(object.value, patch);
  if (refused !== undefined) {
    fails(patching, place, `${refused} (in ${printedId(object.value)})`);
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
