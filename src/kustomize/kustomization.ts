import { isObject, listAt, type JsonObject, type YamlPath } from '../model/json.ts';
import type { KustomizationFile } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import { directoryOf, joinRepoPath } from '../model/repo-path.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { readYaml, type YamlStream } from '../yaml/read.ts';

/** The names kustomize recognises, exactly one per directory. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** The kustomization files a directory holds; more than one does not build. */
export function kustomizationFilesIn(snapshot: Snapshot, directory: RepoPath): readonly RepoPath[] {
  const found: RepoPath[] = [];
  for (const name of kustomizationNames) {
    const path = joinRepoPath(directory, name);
    if (path !== undefined && snapshot.paths.has(path)) found.push(path);
  }
  return found;
}

/** @returns undefined when the file is something else, such as Flux's own `Kustomization` stored under that name */
export function asKustomization(stream: YamlStream, file: RepoPath): KustomizationFile | undefined {
  // kustomize reads the first document only.
  const document = stream.documents[0];
  const value: JsonObject = document !== undefined && isObject(document.value) ? document.value : {};
  const apiVersion = typeof value.apiVersion === 'string' ? value.apiVersion : '';
  if (apiVersion !== '' && !apiVersion.startsWith('kustomize.config.k8s.io/')) return undefined;
  const keys = new Map(Object.keys(value).map((key) => [key.toLowerCase(), key]));
  return {
    file,
    document: document?.index ?? 0,
    value,
    key: (name) => keys.get(name.toLowerCase()) ?? name,
    locationOf: (path: YamlPath) => ({ file, ...(document?.placeOf(path) ?? { line: 1, column: 1 }) }),
  };
}

/** Whether an entry of `resources` names something that is not in this repository. */
export function isRemote(entry: string): boolean {
  return /:\/\/|^git@|[?&]ref=|^[\w.-]+\.(com|org|io|net|dev)\//.test(entry);
}

/** The directories that a kustomization file includes; undefined: it is not read, broken, or something else. */
export function readEntries(
  snapshot: Snapshot,
  file: RepoPath,
): { readonly includes: readonly RepoPath[]; readonly isComponent: boolean } | undefined {
  const text = snapshot.files.get(file);
  const read = text === undefined ? undefined : readYaml(text, file);
  const level = read?.ok === true ? asKustomization(read.value, file) : undefined;
  if (level === undefined) return undefined;
  const entries = ['resources', 'bases', 'components'].flatMap((name) =>
    listAt(level.value, level.key(name)),
  );
  return {
    includes: entries.flatMap((entry) =>
      typeof entry === 'string' && !isRemote(entry) ? (joinRepoPath(directoryOf(file), entry) ?? []) : [],
    ),
    isComponent: level.value.kind === 'Component',
  };
}

/** A kustomization's transforming fields under their usual names. */
export function canonical(level: KustomizationFile): JsonObject {
  const names = ['namespace', 'namePrefix', 'nameSuffix', 'commonLabels', 'labels'];
  const fields = names.map((name) => [name, level.value[level.key(name)] ?? null] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== null));
}

/** Manifests that no source of Flux takes along, unless its own rules say what it leaves out.
 *  @see https://github.com/fluxcd/pkg/blob/main/sourceignore/sourceignore.go */
export const ignoredByFlux =
  /(?:^|\/)(?:\.github\/|\.circleci\/|(?:\.sops\.yaml|\.flux\.yaml|\.goreleaser\.yml|\.gitlab-ci\.yml|\.travis\.yml|appveyor\.yml|\.drone\.yml|cloudbuild\.yaml|codeship-services\.yml|codeship-steps\.yml)$)/;
