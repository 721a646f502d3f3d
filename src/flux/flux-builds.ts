import { isFluxKustomization, pathInSource } from '../k8s/flux-kustomization.ts';
import { readTree } from '../kustomize/read-tree.ts';
import { objectAt, stringAt } from '../model/json.ts';
import type { RepoPath } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import type { Resource } from '../model/resource.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { resourceOfManifest } from './resource.ts';
import { filledIn, variablesOf } from './variables.ts';

/** Objects that are built, and what stands in the way of others. */
export interface Built {
  readonly resources: readonly Resource[];
  readonly problems: readonly Problem[];
}

/** What a directory builds.
 *  @param prefix  what goes before each path when it is shown: `acme/shop/`
 *  @param namespace  of objects that say none */
export function builtFrom(
  snapshot: Snapshot,
  directory: RepoPath,
  prefix: string,
  namespace?: string,
): Reading<Built> {
  const reading = readTree(snapshot, directory);
  if (reading.value === undefined) return reading;
  const tree = reading.value;
  const nameOf = (path: RepoPath) => prefix + path;
  const resources = tree.manifests.map((manifest) => resourceOfManifest(manifest, { nameOf, namespace }));
  return known({ resources, problems: shown(tree.problems, prefix) });
}

/** What Flux builds on a cluster from one repository: the directory of its root Kustomization, and what the Kustomizations
 *  in there name, with their variables filled in.
 *  @param source  name of the Flux source that stands for this repository
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution */
export function builtByFlux(
  snapshot: Snapshot,
  root: RepoPath,
  source: string,
  prefix: string,
): Reading<Built> {
  const first = readTree(snapshot, root);
  if (first.value === undefined) return first;
  const needs: RepoPath[] = [];
  const problems: Problem[] = [...shown(first.value.problems, prefix)];
  const found = [...first.value.manifests];
  const queue = found.filter(isFluxKustomization);
  const seen = new Set<string>([root]);
  for (const kustomization of queue) {
    const spec = objectAt(kustomization.built, 'spec');
    if (stringAt(spec, 'sourceRef', 'name') !== source) continue;
    const path = pathInSource(stringAt(spec, 'path'));
    if (path === undefined || seen.has(path)) continue;
    seen.add(path);
    const reading = readTree(snapshot, path);
    if (reading.value === undefined) {
      needs.push(...reading.needs);
      continue;
    }
    const filled = filledIn(kustomization, reading.value.manifests, variablesOf(kustomization, found));
    const built = filled.manifests;
    problems.push(...shown([...reading.value.problems, ...filled.problems], prefix));
    found.push(...built);
    queue.push(...built.filter(isFluxKustomization));
  }
  if (needs.length > 0) return { needs };
  return known({
    resources: found.map((manifest) =>
      resourceOfManifest(manifest, { nameOf: (path) => prefix + path, namespace: undefined }),
    ),
    problems,
  });
}

function shown(problems: readonly Problem[], prefix: string): readonly Problem[] {
  return problems.map((each) => (each.file === undefined ? each : { ...each, file: prefix + each.file }));
}
