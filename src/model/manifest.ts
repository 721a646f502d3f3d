import type { JsonObject, YamlPath } from './json.ts';
import type { RepoPath } from './named.ts';
import type { Problem } from './problem.ts';
import type { TextRange } from './resource.ts';

/** A place in a file of the repository; line and column from 1. */
export interface FileLocation {
  readonly file: RepoPath;
  readonly line: number;
  readonly column: number;
}

/** A patch or replacement of the kustomize chain that changes a manifest. */
export interface Touch {
  readonly by: FileLocation;
  /** What it changes; undefined: not known (a form we do not model). */
  readonly paths: readonly YamlPath[] | undefined;
  /** Whether what it writes there is not computed, so that the built value is unknown. */
  readonly isUncomputed?: true;
  /** The patch's own text for what it writes at a path; undefined where that is not kept. */
  readonly rangeOf?: (path: YamlPath, which?: 'key' | 'value') => TextRange;
}

/** One Kubernetes object of a kustomize tree: as written, and as the chain builds it. */
export interface Manifest {
  readonly file: RepoPath;
  /** Index of its document in the file. */
  readonly document: number;
  /** Where the object starts inside the document: `[]`, or `['items', 2]` in a `kind: List`. */
  readonly at: YamlPath;
  readonly kind: string;
  /** API group without version: `networking.istio.io`; empty for core. */
  readonly group: string;
  readonly written: JsonObject;
  readonly built: JsonObject;
  /** metadata.name as written. */
  readonly name: string;
  /** Name and namespace after namePrefix, nameSuffix and namespace of the chain. */
  readonly builtName: string;
  readonly builtNamespace: string | undefined;
  readonly touches: readonly Touch[];
  /** The HelmRelease whose chart it comes from: nothing of it is written in Git, so it is changed through that alone. */
  readonly renderedBy?: Manifest;
  /** Place of the value at `path` inside the object, or of the nearest ancestor written there. */
  locationOf(path: YamlPath): FileLocation;
  /** The text of the value at `path`, or of its key. */
  rangeOf(path: YamlPath, which?: 'key' | 'value'): TextRange;
}

/** A kustomization file and what of it an editor needs. */
export interface KustomizationFile {
  readonly file: RepoPath;
  readonly document: number;
  readonly value: JsonObject;
  /** The key as written (`Resources` is legal) for its usual name. */
  key(name: string): string;
  locationOf(path: YamlPath): FileLocation;
}

/** What a directory builds to, as far as it can be known without running kustomize. */
export interface KustomizeTree {
  readonly directory: RepoPath;
  /** undefined: no kustomization file; Flux takes every manifest below the directory. */
  readonly kustomization: KustomizationFile | undefined;
  readonly manifests: readonly Manifest[];
  /** Every file the build reads. */
  readonly reads: ReadonlySet<RepoPath>;
  /** Errors: it does not build, or reaches outside. Infos: what was left alone, and why. */
  readonly problems: readonly Problem[];
}

/** API group of an `apiVersion`: `networking.istio.io` of `networking.istio.io/v1`, empty for core's `v1`.
 *  https://kubernetes.io/docs/reference/using-api/#api-groups */
export function groupOf(apiVersion: string | undefined): string {
  const slash = apiVersion?.indexOf('/') ?? -1;
  return apiVersion === undefined || slash < 0 ? '' : apiVersion.slice(0, slash);
}
