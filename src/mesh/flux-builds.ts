import { readTree } from '../kustomize/read-tree.ts';
import {
  isList,
  isObject,
  listAt,
  objectAt,
  stringAt,
  type JsonObject,
  type JsonValue,
} from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import { joinRepoPath } from '../model/repo-path.ts';
import type { Resource } from '../model/resource.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { resourceOfManifest } from './resource.ts';

/** Objects of a directory, or the files that must be read before they are known. */
export type Built =
  | { readonly needs: readonly RepoPath[]; readonly resources?: never }
  | {
      readonly needs: readonly [];
      readonly resources: readonly Resource[];
      readonly problems: readonly Problem[];
    };

/** What a directory builds.
 *  @param prefix  what goes before each path when it is shown: `acme/shop/`
 *  @param namespace  of objects that say none */
export function builtFrom(
  snapshot: Snapshot,
  directory: RepoPath,
  prefix: string,
  namespace?: string,
): Built {
  const { tree, needs } = readTree(snapshot, directory);
  if (tree === undefined) return { needs };
  const nameOf = (path: RepoPath) => prefix + path;
  const resources = tree.manifests.map((manifest) => resourceOfManifest(manifest, { nameOf, namespace }));
  return { needs: [], resources, problems: shown(tree.problems, prefix) };
}

/** What Flux builds on a cluster from one repository: the directory of its root Kustomization, and what the Kustomizations
 *  in there name, with their variables filled in.
 *  @param source  name of the Flux source that stands for this repository
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution */
export function builtByFlux(snapshot: Snapshot, root: RepoPath, source: string, prefix: string): Built {
  const first = readTree(snapshot, root);
  if (first.tree === undefined) return { needs: first.needs };
  const needs: RepoPath[] = [];
  const problems: Problem[] = [...shown(first.tree.problems, prefix)];
  const found = [...first.tree.manifests];
  const queue = found.filter(isFlux);
  const seen = new Set<string>([root]);
  for (const kustomization of queue) {
    const spec = objectAt(kustomization.built, 'spec');
    if (stringAt(spec, 'sourceRef', 'name') !== source) continue;
    const path = joinRepoPath('' as RepoPath, (stringAt(spec, 'path') ?? '').replace(/^(?:\.\/)+/, ''));
    if (path === undefined || seen.has(path)) continue;
    seen.add(path);
    const reading = readTree(snapshot, path);
    if (reading.tree === undefined) {
      needs.push(...reading.needs);
      continue;
    }
    const variables = variablesOf(spec, found);
    const built = reading.tree.manifests.map((manifest) => filled(manifest, variables));
    problems.push(...shown(reading.tree.problems, prefix));
    found.push(...built);
    queue.push(...built.filter(isFlux));
  }
  if (needs.length > 0) return { needs };
  return {
    needs: [],
    resources: found.map((manifest) =>
      resourceOfManifest(manifest, { nameOf: (path) => prefix + path, namespace: undefined }),
    ),
    problems,
  };
}

function isFlux({ group, kind }: Manifest): boolean {
  return group === 'kustomize.toolkit.fluxcd.io' && kind === 'Kustomization';
}

/** Variables of a Kustomization: its own go over those of its ConfigMaps; Secrets are in nobody's Git. */
function variablesOf(spec: JsonObject, manifests: readonly Manifest[]): ReadonlyMap<string, string> {
  const maps = listAt(spec, 'postBuild', 'substituteFrom').flatMap((from) => {
    const name = stringAt(from, 'name');
    const map = manifests.find(({ kind, builtName }) => kind === 'ConfigMap' && builtName === name);
    return map === undefined ? [] : [objectAt(map.built, 'data')];
  });
  return new Map(
    [...maps, objectAt(spec, 'postBuild', 'substitute')].flatMap((values) =>
      Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : ''] as const),
    ),
  );
}

function filled(manifest: Manifest, variables: ReadonlyMap<string, string>): Manifest {
  const off = stringAt(manifest.built, 'metadata', 'annotations', 'kustomize.toolkit.fluxcd.io/substitute');
  if (off === 'disabled' || variables.size === 0) return manifest;
  const built = substituted(manifest.built, variables);
  return isObject(built) ? { ...manifest, built } : manifest;
}

function substituted(value: JsonValue, variables: ReadonlyMap<string, string>): JsonValue {
  if (typeof value === 'string')
    return value.replace(/\$\{([A-Za-z_]\w*)(?::?=([^}]*))?\}/g, (whole, name: string, other?: string) => {
      return variables.get(name) ?? other ?? whole;
    });
  if (isList(value)) return value.map((each) => substituted(each, variables));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, substituted(each, variables)]));
}

function shown(problems: readonly Problem[], prefix: string): readonly Problem[] {
  return problems.map((each) => (each.file === undefined ? each : { ...each, file: prefix + each.file }));
}
