import {
  isObject,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
  type YamlPath,
} from '../model/json.ts';
import { groupOf, type FileLocation, type Manifest, type Touch } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { YamlDocument } from '../yaml/read.ts';
import { withoutEnd } from '../model/without-end.ts';

/** Name and namespace; the namespace is empty where nothing says. */
export interface ObjectId {
  readonly name: string;
  readonly namespace: string;
}

/** The document an object is written in, as far as places go. */
export type DocumentLocations = Pick<YamlDocument, 'index' | 'placeOf' | 'rangeOf'>;

/** A manifest on its way through the chain. Mutable: each level of the chain transforms it. */
export interface Building {
  readonly file: RepoPath;
  readonly document: DocumentLocations;
  readonly at: YamlPath;
  readonly written: JsonObject;
  value: JsonObject;
  /** What it was called, as written first and as it is called now last; patches may use any of them. */
  readonly ids: ObjectId[];
  /** The prefixes and suffixes that levels gave its name, the innermost first. */
  readonly prefixes: string[];
  readonly suffixes: string[];
  readonly touches: Touch[];
  /** Whether it is in the build with contents that nobody here knows: generated, or encrypted. Never a manifest. */
  readonly isOpaque: boolean;
}

export function startBuilding(
  file: RepoPath,
  document: DocumentLocations,
  at: YamlPath,
  value: JsonObject,
  isOpaque = false,
): Building {
  return {
    file,
    document,
    at,
    written: value,
    value,
    ids: [idOf(value)],
    prefixes: [],
    suffixes: [],
    touches: [],
    isOpaque,
  };
}

function placeIn(building: Building, path: YamlPath): FileLocation {
  return { file: building.file, ...building.document.placeOf([...building.at, ...path]) };
}

export function kindOf(value: JsonObject): string {
  return stringAt(value, 'kind') ?? '';
}

export function nameOf(value: JsonObject): string {
  return stringAt(value, 'metadata', 'name') ?? '';
}

/** Whether kustomize takes a value for an object: it has a kind and a name. A name that YAML reads as a number will do.
 *  @see https://github.com/kubernetes-sigs/kustomize/blob/master/kyaml/yaml/rnode.go GetValidatedMetadata */
export function missingOf(value: JsonValue): 'kind' | 'metadata.name' | 'Resource metadata' | undefined {
  if (!isObject(value)) return 'Resource metadata';
  if (kindOf(value) === '') return 'kind';
  const name = valueAt(value, 'metadata', 'name');
  const isName =
    typeof name === 'number' || typeof name === 'boolean' || (typeof name === 'string' && name !== '');
  return isName ? undefined : 'metadata.name';
}

export function idOf(value: JsonObject): ObjectId {
  return { name: nameOf(value), namespace: stringAt(value, 'metadata', 'namespace') ?? '' };
}

/** `value` with the map or scalar at `path` set; maps on the way are made. */
export function withValue(value: JsonObject, path: YamlPath, leaf: JsonObject[string]): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const before = Object.hasOwn(value, key) ? value[key] : undefined;
  const after = rest.length === 0 ? leaf : withValue(isObject(before) ? before : {}, rest, leaf);
  return Object.fromEntries([...Object.entries(value), [key, after]]);
}

export function asManifest(object: Building): Manifest {
  return {
    file: object.file,
    document: object.document.index,
    at: object.at,
    kind: kindOf(object.written),
    group: groupOf(stringAt(object.written, 'apiVersion')),
    written: object.written,
    built: withoutEmptyAnnotations(object.value),
    name: nameOf(object.written),
    builtName: nameOf(object.value),
    builtNamespace: stringAt(object.value, 'metadata', 'namespace'),
    touches: object.touches,
    locationOf: (path) => placeIn(object, path),
    rangeOf: (path, which) => ({
      file: object.file,
      ...object.document.rangeOf([...object.at, ...path], which),
    }),
  };
}

/** kustomize writes no empty `annotations`; empty labels it keeps. */
function withoutEmptyAnnotations(value: JsonObject): JsonObject {
  const metadata = objectAt(value, 'metadata');
  const { annotations, ...rest } = metadata;
  if (!isObject(annotations) || Object.keys(annotations).length > 0) return value;
  return { ...value, metadata: rest };
}

/** Objects that a patch deletes, or that are marked as configuration for tools, are not part of what is built. (the annotation
 *  config.kubernetes.io/local-config). */
export function isBuilt(object: Building): boolean {
  const mark = valueAt(object.value, 'metadata', 'annotations', 'config.kubernetes.io/local-config');
  return !object.isOpaque && !isGone(object) && mark === undefined;
}

/** Whether a patch took it out of the build: from there on nothing finds it. */
export function isGone({ value }: Building): boolean {
  return value.$patch === 'delete';
}

/** The namespace that an id means: none is `default`. */
export function namespaceIn({ namespace }: ObjectId): string {
  return namespace === '' ? 'default' : namespace;
}

/** Says that kustomize refuses the build, where and why. */
export type Refuse = (
  rule: string,
  place: FileLocation,
  said: { readonly message: string; readonly fix: string },
) => void;

/** What is said of a build that kustomize refuses, in its own words. */
export function refusedBuild(reason: string): string {
  return `kustomize refuses the build: ${withoutEnd(reason, '. \n\t\r')}.`;
}
