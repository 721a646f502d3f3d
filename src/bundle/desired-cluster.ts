import { clusterGenerators } from '../../generators/cluster/index.ts';
import type { ClusterSpec } from '../model/fleet.ts';
import type { ClusterGenerator, ClusterPart } from '../model/generator.ts';
import type { RepoPath, TargetId } from '../model/named.ts';
import { joinRepoPath } from '../model/repo-path.ts';
import { reconcileWhole } from './reconcile-whole.ts';
import { ownedBy, type BoundGenerator, type DesiredState } from './desired-state.ts';

/** Parts in the order Flux gets through them; the first five are the same for every cluster of a repository. */
const shared: readonly ClusterPart[] = ['controllers', 'istiod', 'gateway', 'config', 'ingress'];
const own: readonly ClusterPart[] = ['cluster-config', 'namespaces', 'cluster'];

/** What is desired of a cluster's directories. */
export function desiredCluster(spec: ClusterSpec): readonly DesiredState[] {
  const base = `mesh/${spec.base}` as TargetId;
  return [
    ...shared.map((part) => desiredPart(spec, part, base)),
    ...own.map((part) => desiredPart(spec, part, spec.target)),
  ];
}

/** The directory of a part. */
function directoryOfPart(spec: ClusterSpec, part: ClusterPart): RepoPath {
  if (part === 'cluster') return spec.directory;
  const below = shared.includes(part)
    ? `base/${part}`
    : `${spec.cluster}/${part === 'cluster-config' ? 'config' : part}`;
  return joinRepoPath(spec.base, below) ?? spec.base;
}

function desiredPart(spec: ClusterSpec, part: ClusterPart, lock: TargetId): DesiredState {
  const generators = clusterGenerators.filter((generator) => generator.part === part);
  return {
    target: spec.target,
    lock,
    stage: lock === spec.target ? spec.stage : 'permissive',
    repository: spec.repository,
    directory: directoryOfPart(spec, part),
    siblingDirectories: [],
    otherDirectories: [],
    sharedWith: [],
    isCommon: true,
    creates: true,
    files: generators.flatMap(({ owned }) => owned ?? []),
    kustomization: kustomizationOf(part),
    namespace: undefined,
    drift: 'info',
    // Once a lock is enough: the digests of its parts are compared together.
    inputs: () => (part === 'cluster' ? ownInputs(spec) : part === 'controllers' ? sharedInputs(spec) : {}),
    bind: () => ({ generators: generators.map((each) => bind(each, spec)), problems: [] }),
    unrendered: () => [],
  };
}

function kustomizationOf(part: ClusterPart): DesiredState['kustomization'] {
  if (part === 'cluster') return undefined;
  // The overlay has something to build even while it adds nothing to the base.
  if (part === 'cluster-config') return { template: 'cluster/config-kustomization.yaml.hbs', isAlways: true };
  return { template: 'cluster/kustomization.yaml.hbs', isAlways: false };
}

function bind(generator: ClusterGenerator, spec: ClusterSpec): BoundGenerator {
  return {
    id: generator.id,
    why: generator.why(spec.stage),
    ...ownedBy(generator.owned, spec),
    reconcile: (wanted, tree) =>
      generator.reconcile?.(spec, tree) ?? reconcileWhole(wanted, tree, generator.why(spec.stage)),
  };
}

/** Nothing here may differ between the clusters of a base: each would take the other's files back. */
function sharedInputs(spec: ClusterSpec): object {
  const { mesh, controlPlane, charts, base } = spec;
  const { istioVersion: _, ...everywhere } = mesh;
  return { mesh: everywhere, controlPlane, chartsKind: charts.split(':')[0], base };
}

function ownInputs(spec: ClusterSpec): object {
  const { target: _, stage: __, repository: ___, mesh, ...declared } = spec;
  return { ...declared, mesh };
}
