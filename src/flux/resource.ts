import { isObject, objectAt, stringAt, type JsonObject, type YamlPath } from '../model/json.ts';
import type { RepoPath } from '../model/named.ts';
import { groupOf, type Manifest, type Touch } from '../model/manifest.ts';
import {
  isClusterScoped,
  knownKind,
  type Resource,
  type TextRange,
  type TextSource,
} from '../model/resource.ts';
import type { YamlDocument } from '../yaml/read.ts';
import { labelsAt } from '../k8s/selector.ts';

/** Where an object was read: how its file is called to the user, and the namespace of what says none. */
export interface Origin {
  readonly nameOf: (path: RepoPath) => string;
  /** undefined: nothing says it. */
  readonly namespace: string | undefined;
}

/** An object as a kustomization builds it. */
export function resourceOfManifest(manifest: Manifest, { nameOf, namespace }: Origin): Resource {
  const named = (range: TextRange): TextRange => ({ ...range, file: nameOf(range.file as RepoPath) });
  return resourceOf(manifest.built, namespace, folderOf(nameOf(manifest.file)), {
    rangeOf(path, which) {
      const patched = lastTouch(manifest.touches, path)?.rangeOf?.(path, which);
      return named(patched ?? manifest.rangeOf(path, which));
    },
    isUncomputed: (path) =>
      manifest.touches.some(
        ({ isUncomputed, paths = [] }) =>
          isUncomputed === true && paths.some((each) => isWrittenBy(each, path)),
      ),
    sourceOf: (path) =>
      manifest.touches.some(
        ({ paths }) =>
          paths === undefined || paths.some((each) => meets(each, path) || isWrittenBy(each, path)),
      )
        ? undefined
        : { file: nameOf(manifest.file), document: manifest.document, at: manifest.at },
  });
}

function lastTouch(touches: readonly Touch[], path: YamlPath): Touch | undefined {
  return touches.findLast(({ paths }) => paths?.some((each) => isPrefix(each, path)) === true);
}

function isPrefix(prefix: YamlPath, path: YamlPath): boolean {
  return prefix.every((step, index) => step === path[index]);
}

/** Whether a field path of a replacement leads to `path` or above it; a wildcard and a choice (`[name=app]`) mean any item. */
function isWrittenBy(field: YamlPath, path: YamlPath): boolean {
  return field.every((step, index) => {
    const at = path[index];
    if (at === undefined) return false;
    return String(step) === String(at) || step === '*' || step === '-' || /^\[.*\]$/.test(String(step));
  });
}

function meets(one: YamlPath, other: YamlPath): boolean {
  return isPrefix(one, other) || isPrefix(other, one);
}

/** An object as it is written, with those inside it when it is a list. */
export function resourcesOfDocument(
  document: YamlDocument,
  file: string,
  namespace: string | undefined,
): readonly Resource[] {
  const { value } = document;
  if (!isObject(value) || typeof value.kind !== 'string') return [];
  const at = (path: YamlPath): Pick<Resource, 'rangeOf' | 'sourceOf'> => ({
    rangeOf: (below, which) => ({ file, ...document.rangeOf([...path, ...below], which) }),
    sourceOf: (): TextSource => ({ file, document: document.index, at: path }),
  });
  if (!value.kind.endsWith('List') || !Array.isArray(value.items))
    return [resourceOf(value, namespace, folderOf(file), at([]))];
  return value.items.flatMap((item: unknown, index) =>
    isObject(item as JsonObject)
      ? [resourceOf(item as JsonObject, namespace, folderOf(file), at(['items', index]))]
      : [],
  );
}

/** An object that no manifest writes, but a declaration implies.
 *  @param file  what declares it */
export function declaredResource(value: JsonObject, file: string): Resource {
  const rangeOf = () => ({ file, line: 1, column: 1, endLine: 1, endColumn: 1 });
  return resourceOf(value, undefined, folderOf(file), { rangeOf, sourceOf: () => undefined });
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/') + 1);
}

function resourceOf(
  value: JsonObject,
  namespace: string | undefined,
  build: string,
  place: Pick<Resource, 'rangeOf' | 'sourceOf' | 'isUncomputed'>,
): Resource {
  const apiVersion = stringAt(value, 'apiVersion') ?? '';
  const kind = stringAt(value, 'kind') ?? '';
  const group = groupOf(apiVersion);
  const known = knownKind(group, kind);
  const said = stringAt(value, 'metadata', 'namespace') ?? namespace;
  return {
    apiVersion,
    group,
    kind,
    known,
    name: stringAt(value, 'metadata', 'name') ?? stringAt(value, 'metadata', 'generateName') ?? '',
    namespace: isClusterScoped({ known }) ? '' : (said ?? 'default'),
    hasNamespace: said !== undefined,
    build,
    labels: labelsAt(value, 'metadata', 'labels'),
    annotations: labelsAt(value, 'metadata', 'annotations'),
    value,
    spec: objectAt(value, 'spec'),
    ...place,
  };
}
