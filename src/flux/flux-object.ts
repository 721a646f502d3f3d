import { isFluxKustomization, pathInSource } from '../k8s/flux-kustomization.ts';
import { objectAt, stringAt, valueAt, type JsonObject, type JsonValue } from '../model/json.ts';
import { keyOf } from '../model/key-of.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';

/** An object of a cluster with the repository that it is written in. */
export interface BuiltObject {
  readonly repository: RepositoryId;
  /** As built, with its final name and namespace. */
  readonly manifest: Manifest;
}

/** A Flux Kustomization as its parent's build gives it.
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/ */
export interface FluxKustomization extends BuiltObject {
  readonly name: string;
  readonly namespace: string;
  readonly spec: JsonObject;
  readonly source: SourceReference;
  /** The directory in its source. */
  readonly path: RepoPath;
  readonly isSuspended: boolean;
}

export interface SourceReference {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

const sourceGroup = 'source.toolkit.fluxcd.io';

/** @returns undefined: it is something else */
export function fluxKustomization({ repository, manifest }: BuiltObject): FluxKustomization | undefined {
  if (!isFluxKustomization(manifest)) return undefined;
  const { built, builtName, builtNamespace: namespace = '' } = manifest;
  const spec = objectAt(built, 'spec');
  return {
    repository,
    manifest,
    name: builtName,
    namespace,
    spec,
    source: referenceOf(valueAt(spec, 'sourceRef'), namespace),
    path: pathInSource(stringAt(spec, 'path')),
    isSuspended: spec.suspend === true,
  };
}

function referenceOf(value: JsonValue | undefined, namespace: string): SourceReference {
  return {
    kind: stringAt(value, 'kind') ?? '',
    namespace: stringAt(value, 'namespace') ?? namespace,
    name: stringAt(value, 'name') ?? '',
  };
}

/** Whether an object is a source of Flux' own group; a foreign `GitRepository` is none. */
export function isSource({ manifest: { group } }: BuiltObject): boolean {
  return group === sourceGroup;
}

/** The key of a source among those of a cluster. */
export function sourceKey({ kind, namespace, name }: SourceReference): string {
  return keyOf(kind, namespace, name);
}

export function sourceKeyOf({ manifest }: BuiltObject): string {
  const { kind, builtName: name, builtNamespace: namespace = '' } = manifest;
  return sourceKey({ kind, namespace, name });
}

/** Which revision of a repository a GitRepository means.
 *  @see https://fluxcd.io/flux/components/source/gitrepositories/#reference */
export interface GitReference {
  readonly url: string;
  /** The branch; undefined: a commit, a tag or a ref by name, which a branch does not show. */
  readonly branch: string | undefined;
  /** How the reference is written: `branch main`, `tag v1`. */
  readonly described: string;
}

/** @returns undefined: not a GitRepository with a URL */
export function gitReference({ manifest }: BuiltObject): GitReference | undefined {
  const url = stringAt(manifest.built, 'spec', 'url');
  if (manifest.kind !== 'GitRepository' || url === undefined) return undefined;
  const ref = objectAt(manifest.built, 'spec', 'ref');
  for (const kind of ['commit', 'name', 'semver', 'tag'] as const) {
    const value = stringAt(ref, kind);
    if (value === undefined || value === '') continue;
    const branch = kind === 'name' ? /^refs\/heads\/(.+)$/.exec(value)?.[1] : undefined;
    return { url, branch, described: `${kind} ${value}` };
  }
  // Without a reference Flux takes master, whatever the remote's default branch is.
  const branch = stringAt(ref, 'branch') ?? 'master';
  return { url, branch, described: `branch ${branch}` };
}
