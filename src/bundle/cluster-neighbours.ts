import { isFluxKustomization, pathInSource } from '../k8s/flux-kustomization.ts';
import { readTree } from '../kustomize/read-tree.ts';
import type { ClusterSpec } from '../model/fleet.ts';
import { listAt, stringAt } from '../model/json.ts';
import type { KustomizeTree, Manifest } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import { pathsBelow } from '../model/paths.ts';
import type { Problem } from '../model/problem.ts';
import { isBelow } from '../model/repo-path.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';

/** What else Flux builds on the cluster, beside the bundle: objects that would have two owners, and prerequisites that
 *  nothing brings.
 *  @see https://github.com/fluxcd/kustomize-controller/issues/1724 */
export function neighbourProblems(spec: ClusterSpec, snapshot: Snapshot): Reading<readonly Problem[]> {
  const cluster = readTree(snapshot, spec.directory);
  if (cluster.value === undefined) return cluster;
  const flux = cluster.value.manifests.filter(isFluxKustomization);
  const needs: RepoPath[] = [];
  const trees = new Map<RepoPath, KustomizeTree>();
  for (const path of new Set(flux.flatMap((each) => pathOf(each, spec) ?? []))) {
    // The root Kustomization builds the cluster's directory itself.
    if (path === spec.directory || pathsBelow(snapshot.paths, path).length === 0) continue;
    const reading = readTree(snapshot, path);
    if (reading.value === undefined) needs.push(...reading.needs);
    else trees.set(path, reading.value);
  }
  if (needs.length > 0) return { needs };
  return known([...twoOwners(spec, trees), ...missing(spec, flux)]);
}

/** The directory of this repository that a Flux Kustomization builds; undefined: it builds another source. */
function pathOf({ built }: Manifest, { source }: ClusterSpec): RepoPath | undefined {
  if (stringAt(built, 'spec', 'sourceRef', 'name') !== source.name) return undefined;
  return pathInSource(stringAt(built, 'spec', 'path'));
}

function twoOwners(spec: ClusterSpec, trees: ReadonlyMap<RepoPath, KustomizeTree>): readonly Problem[] {
  const ours = new Map<string, Manifest>();
  for (const [path, { manifests }] of trees)
    if (isBelow(path, spec.base)) for (const each of manifests) ours.set(identityOf(each), each);
  return [...trees].flatMap(([path, { manifests }]) =>
    manifests.flatMap((manifest): readonly Problem[] => {
      const own = ours.get(identityOf(manifest));
      if (own === undefined || isBelow(path, spec.base)) return [];
      return [
        {
          rule: 'cluster-object-twice',
          severity: 'error',
          message: `${manifest.kind} "${manifest.builtName}" is already built by ${path}. With ${own.file} as a second owner, Flux would keep replacing one with the other.`,
          fix: 'Annotate it there with kustomize.toolkit.fluxcd.io/prune: disabled, so that it stays on the cluster. Once Flux has applied that, remove it there and run again.',
          ...manifest.locationOf([]),
        },
      ];
    }),
  );
}

function identityOf({ group, kind, builtNamespace, builtName }: Manifest): string {
  return JSON.stringify([group, kind, builtNamespace, builtName]);
}

/** Flux waits for ever for a Kustomization that is not there. */
function missing(spec: ClusterSpec, flux: readonly Manifest[]): readonly Problem[] {
  const known = new Set(flux.map(({ builtName }) => builtName));
  const unknown = spec.prerequisites.filter((name) => !known.has(name));
  if (unknown.length === 0) return [];
  const waiting = flux.find(({ built }) =>
    listAt(built, 'spec', 'dependsOn').some((each) => unknown.includes(stringAt(each, 'name') ?? '')),
  );
  return [
    {
      rule: 'cluster-prerequisite-unknown',
      severity: 'warning',
      message: `No Flux Kustomization in ${spec.directory} is called ${unknown.join(', ')}, but mesh-config depends on it.`,
      fix: 'Correct prerequisites of the cluster in fleet.yaml, unless something else creates it.',
      ...(waiting?.locationOf(['spec', 'dependsOn']) ?? { file: spec.directory }),
    },
  ];
}
