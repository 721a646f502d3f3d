import { isObject, stringAt, type JsonObject } from '../src/model/json.ts';
import type { BoundSpec, Generator } from '../src/model/generator.ts';
import type { KustomizeTree, Manifest } from '../src/model/manifest.ts';
import type { Problem, ResourceRef } from '../src/model/problem.ts';
import { effectiveNamespace } from '../src/k8s/effective-namespace.ts';
import { joinRepoPath } from '../src/model/repo-path.ts';
import type { YamlPath } from '../src/model/json.ts';

/** Keeps the view's type between a generator's own members; the table of contents sees them all alike. */
export function generator<View>(definition: Generator<View>): Generator {
  return definition;
}

/** The objects of one kind that the target builds, in the namespace of the target. */
export function manifestsOf(
  tree: KustomizeTree,
  spec: BoundSpec,
  group: string,
  kind: string,
): readonly Manifest[] {
  return tree.manifests.filter(
    (manifest) =>
      manifest.group === group &&
      manifest.kind === kind &&
      (effectiveNamespace(manifest) ?? spec.namespace) === spec.namespace,
  );
}

/** Whether the object stands in the file that Meshwright writes, so that its stage is ours to choose. */
export function isInOwnedFile(manifest: Manifest, spec: BoundSpec, file: string): boolean {
  return manifest.file === joinRepoPath(spec.directory, spec.filePrefix + file);
}

export function isNamed(manifest: Manifest, name: string): boolean {
  return manifest.name === name || manifest.builtName === name;
}

export function refOf(manifest: Manifest): ResourceRef {
  return {
    apiVersion: stringAt(manifest.written, 'apiVersion'),
    kind: manifest.kind,
    namespace: manifest.builtNamespace,
    name: manifest.builtName,
  };
}

/** A problem at a place of an object. */
export function problemAt(
  manifest: Manifest,
  path: YamlPath,
  said: Pick<Problem, 'rule' | 'severity' | 'message' | 'fix' | 'see'>,
): Problem {
  return { ...said, ...manifest.locationOf(path), resource: refOf(manifest) };
}

/** The `spec` of an object; an absent or null one is empty. */
export function specOf(manifest: Manifest): JsonObject {
  const spec = manifest.built.spec;
  return isObject(spec) ? spec : {};
}

/** The shared gateway as a VirtualService names it. */
export function sharedGateway(spec: BoundSpec): string {
  return `${spec.mesh.gateway.namespace}/${spec.mesh.gateway.name}`;
}
