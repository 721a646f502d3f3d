import { sameValue } from '../model/same-value.ts';
import { substituteObject } from '../k8s/substituted-object.ts';
import { variableValue, type Variables } from '../k8s/substitution.ts';
import { readTree } from '../kustomize/read-tree.ts';
import type { ObjectChange } from '../model/bundle.ts';
import type { Target } from '../model/fleet.ts';
import { objectAt, type JsonObject } from '../model/json.ts';
import type { KustomizeTree, Manifest } from '../model/manifest.ts';
import type { RepositoryId } from '../model/named.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { manifestsInFile } from '../kustomize/read-file.ts';
import { readYaml } from '../yaml/read.ts';
import { desiredStatesOf } from './desired-states.ts';

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
    if (manifest === undefined || sameValue(one?.value, other?.value)) return [];
    const { group, kind, builtNamespace, builtName } = manifest;
    const place = { repository, ...manifest.locationOf(['metadata', 'name']) };
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

interface FilledObject {
  readonly manifest: Manifest;
  /** With Flux's variables filled in. */
  readonly value: JsonObject;
}

function objectsOf(
  target: Target,
  repository: RepositoryId,
  snapshot: Snapshot,
): ReadonlyMap<string, FilledObject> {
  const found = new Map<string, FilledObject>();
  const trees = desiredStatesOf(target)
    .filter((desired) => desired.repository === repository)
    .flatMap(({ directory }) => readTree(snapshot, directory).value ?? []);
  const variables = variablesOf(trees);
  const manifests = [
    ...trees.flatMap((tree) => tree.manifests),
    ...namespaceFiles(target, repository, snapshot),
  ];
  for (const manifest of manifests) {
    const { group, kind, builtNamespace, builtName, built } = manifest;
    const value = variables === undefined ? built : substituteObject(built, variables).value;
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

/** Further variables may be in a Secret of the cluster. */
function variablesOf(trees: readonly KustomizeTree[]): Variables | undefined {
  const map = trees
    .flatMap((tree) => tree.manifests)
    .find(({ kind, builtName }) => kind === 'ConfigMap' && builtName === 'mesh-variables');
  if (map === undefined) return undefined;
  const data = Object.entries(objectAt(map.built, 'data'));
  const known = data.flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, variableValue(value)] as const] : [],
  );
  return { known: new Map(known), isWhole: false };
}
