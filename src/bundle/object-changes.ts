import { readTree } from '../kustomize/read-tree.ts';
import type { ObjectChange } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import { isList, isObject, objectAt, stringAt, type JsonObject, type JsonValue } from '../model/json.ts';
import type { KustomizeTree, Manifest } from '../model/manifest.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { manifestsInFile } from '../kustomize/read-file.ts';
import { readYaml } from '../yaml/read.ts';
import { wishesOf } from './wishes.ts';

/** What the changes of a target mean for the objects of the cluster.
 *  @param after  `before` with the changes made; both with every file of the target read */
export function objectChanges(
  target: Target,
  repository: RepositoryId,
  before: Snapshot,
  after: Snapshot,
): readonly ObjectChange[] {
  const [was, is] = [before, after].map((snapshot) => objectsOf(target, repository, snapshot));
  if (was === undefined || is === undefined) return [];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((id) => {
    const [one, other] = [was.get(id), is.get(id)];
    const manifest = other?.manifest ?? one?.manifest;
    if (manifest === undefined || JSON.stringify(one?.value) === JSON.stringify(other?.value)) return [];
    const { group, kind, builtNamespace, builtName } = manifest;
    const place = { repository, ...manifest.placeOf(['metadata', 'name']) };
    return [
      {
        group,
        kind,
        namespace: builtNamespace,
        name: builtName,
        before: one?.value,
        after: other?.value,
        place,
      },
    ];
  });
}

interface BuiltObject {
  readonly manifest: Manifest;
  /** With Flux's variables filled in. */
  readonly value: JsonObject;
}

function objectsOf(
  target: Target,
  repository: RepositoryId,
  snapshot: Snapshot,
): ReadonlyMap<string, BuiltObject> {
  const found = new Map<string, BuiltObject>();
  const trees = wishesOf(target)
    .filter((wish) => wish.repository === repository)
    .flatMap(({ directory }) => readTree(snapshot, directory).tree ?? []);
  const variables = variablesIn(trees);
  const manifests = [
    ...trees.flatMap((tree) => tree.manifests),
    ...namespaceFiles(target, repository, snapshot),
  ];
  for (const manifest of manifests) {
    const value = filled(manifest.built, variables);
    const { group, kind, builtNamespace, builtName } = manifest;
    if (isObject(value))
      found.set(JSON.stringify([group, kind, builtNamespace, builtName]), { manifest, value });
  }
  return found;
}

function namespaceFiles(target: Target, repository: RepositoryId, snapshot: Snapshot): readonly Manifest[] {
  if (target.kind === 'cluster') return [];
  return target.specs.flatMap(({ namespace, namespaceManifest }) => {
    if (namespaceManifest.kind !== 'file' || namespaceManifest.repository !== repository) return [];
    const { path } = namespaceManifest;
    const stream = readYaml(snapshot.files.get(path) ?? '', path);
    if (!stream.ok) return [];
    return manifestsInFile(stream.value, path).filter(
      ({ kind, name }) => kind === 'Namespace' && name === namespace,
    );
  });
}

function variablesIn(trees: readonly KustomizeTree[]): JsonObject {
  const maps = trees
    .flatMap((tree) => tree.manifests)
    .filter(({ kind, builtName }) => kind === 'ConfigMap' && builtName === 'mesh-variables');
  return objectAt(maps[0]?.built ?? null, 'data');
}

function filled(value: JsonValue, variables: JsonObject): JsonValue {
  if (typeof value === 'string')
    return value.replace(
      /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g,
      (whole, name: string) => stringAt(variables, name) ?? whole,
    );
  if (isList(value)) return value.map((item) => filled(item, variables));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filled(member, variables)]));
}
