import { isObject, stringAt, type JsonObject, type YamlPath } from '../model/json.ts';
import { groupOf, type FilePlace, type Manifest, type Touch } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { YamlDocument } from '../yaml/read.ts';

/** A manifest on its way through the chain. Mutable: each level of the chain transforms it. */
export interface Building {
  readonly file: RepoPath;
  readonly document: YamlDocument;
  readonly at: YamlPath;
  readonly written: JsonObject;
  value: JsonObject;
  /** Every name it had; patches may use any of them. */
  readonly names: Set<string>;
  readonly touches: Touch[];
}

export function startBuilding(
  file: RepoPath,
  document: YamlDocument,
  at: YamlPath,
  value: JsonObject,
): Building {
  return {
    file,
    document,
    at,
    written: value,
    value,
    names: new Set([stringAt(value, 'metadata', 'name') ?? '']),
    touches: [],
  };
}

function placeIn(building: Building, path: YamlPath): FilePlace {
  return { file: building.file, ...building.document.placeOf([...building.at, ...path]) };
}

export function kindOf(value: JsonObject): string {
  return stringAt(value, 'kind') ?? '';
}

export function nameOf(value: JsonObject): string {
  return stringAt(value, 'metadata', 'name') ?? '';
}

/** `value` with the map or scalar at `path` set; maps on the way are made. */
export function withValue(value: JsonObject, path: readonly string[], leaf: JsonObject[string]): JsonObject {
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
    built: object.value,
    name: nameOf(object.written),
    builtName: nameOf(object.value),
    builtNamespace: stringAt(object.value, 'metadata', 'namespace'),
    touches: object.touches,
    placeOf: (path) => placeIn(object, path),
    rangeOf: (path, which) => ({
      file: object.file,
      ...object.document.rangeOf([...object.at, ...path], which),
    }),
  };
}
