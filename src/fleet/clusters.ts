import type {
  ClusterNamespaceSpec,
  ClusterSpec,
  ClusterTarget,
  ControlPlaneSpec,
  ExemptionSpec,
  FleetCluster,
  MeshSpec,
  NamespaceTarget,
} from '../model/fleet.ts';
import type { YamlPath } from '../model/json.ts';
import type { NamespaceName, RepoPath, RepositoryId, TargetId } from '../model/named.ts';
import { isBelow, joinRepoPath, parseRepoPath } from '../model/repo-path.ts';
import { checkCluster } from './check-cluster.ts';
import { fill, type Placeholders } from './placeholders.ts';
import type { FleetClusterEntry, FleetFile, MeshEntry } from './schema.ts';
import type { FleetSource } from './source.ts';
import type { WrittenCluster } from './written-cluster.ts';

/** Istio's charts and images as published.
 *  @see https://github.com/istio/istio/blob/master/manifests/charts/README.md */
const publicRegistry = 'docker.io/istio';
const publicCharts = 'oci://registry.istio.io/release/charts';

/** The clusters of a file, in promotion order. */
export function writtenClusters(file: FleetFile): readonly WrittenCluster[] {
  return file.environments.flatMap((environment, number) =>
    (environment.clusters ?? []).map((written, index): WrittenCluster => {
      const own: FleetClusterEntry = typeof written === 'string' ? { name: written } : written;
      const at: YamlPath = ['environments', number, 'clusters', index];
      return {
        entry: { ...file.clusterDefaults, ...own },
        environment,
        at,
        placeOf: (key) =>
          own[key] === undefined &&
          file.clusterDefaults?.[key as keyof typeof file.clusterDefaults] !== undefined
            ? ['clusterDefaults', key]
            : own[key] === undefined || typeof written === 'string'
              ? at
              : [...at, key],
      };
    }),
  );
}

export function fleetClusters(
  clusters: readonly WrittenCluster[],
  environment: string,
): readonly FleetCluster[] {
  return clusters
    .filter((cluster) => cluster.environment.name === environment)
    .map(({ entry }) => ({
      name: entry.name,
      stage: entry.mode ?? 'permissive',
      loadBalancerScheme:
        entry.loadBalancer === undefined ? undefined : (entry.loadBalancer.scheme ?? 'internal'),
      isVpcShared: entry.sharedVpc ?? false,
    }));
}

/** The clusters whose bundles are generated: those that name a repository.
 *  @param namespaces  the namespace targets of the fleet */
export function resolveClusters(
  file: FleetFile,
  clusters: readonly WrittenCluster[],
  mesh: MeshSpec,
  namespaces: readonly NamespaceTarget[],
  source: FleetSource,
): readonly ClusterTarget[] {
  const controlPlane = resolveControlPlane(file.mesh);
  const targets: ClusterTarget[] = [];
  for (const written of clusters) {
    if (written.entry.repository === undefined) continue;
    const spec = resolveCluster(written, mesh, controlPlane, namespaces, source);
    checkCluster(written, spec, source);
    const { target, cluster, environment, stage, repository } = spec;
    targets.push({ kind: 'cluster', id: target, cluster, environment, stage, repository, spec });
  }
  checkPlaces(clusters, targets, source);
  return targets;
}

function resolveControlPlane(mesh: MeshEntry): ControlPlaneSpec {
  const { tracing } = mesh;
  const [service = '', namespace = ''] = tracing?.collector.split('.') ?? [];
  return {
    revision: mesh.controlPlaneRevision ?? mesh.revision,
    gatewayRelease: mesh.gateway.release ?? 'istio-ingressgateway',
    gatewayHosts: mesh.gateway.hosts ?? 'any',
    tracing:
      tracing === undefined
        ? undefined
        : {
            service,
            namespace: namespace as NamespaceName,
            port: tracing.port ?? 4317,
            sampling: tracing.sampling ?? 1,
            tags: tracing.tags ?? {},
          },
  };
}

function resolveCluster(
  written: WrittenCluster,
  mesh: MeshSpec,
  controlPlane: ControlPlaneSpec,
  namespaces: readonly NamespaceTarget[],
  source: FleetSource,
): ClusterSpec {
  const { entry, environment, placeOf } = written;
  const domain = entry.domain ?? environment.domain;
  const values: Placeholders = {
    namespace: undefined,
    environment: environment.name,
    cluster: entry.name,
    domain,
  };
  const istioVersion = entry.istioVersion ?? mesh.istioVersion;
  const filled = (text: string, key: keyof FleetClusterEntry) => fill(text, values, placeOf(key), source);
  const path = (key: 'path' | 'base', usual: string): RepoPath => {
    const text = entry[key] ?? usual;
    const parsed = parseRepoPath(filled(text, key));
    if (parsed === undefined || parsed === '')
      source.report(
        'fleet-path-outside',
        placeOf(key),
        `"${text}" is not a directory inside a repository.`,
        'Write a relative path with "/" and without "..".',
      );
    return parsed ?? ('' as RepoPath);
  };
  const certificates = entry.loadBalancer?.certificateArn ?? [];
  return {
    target: `cluster/${entry.name}` as TargetId,
    cluster: entry.name,
    environment: environment.name,
    stage: entry.mode ?? 'permissive',
    repository: filled(entry.repository ?? '', 'repository') as RepositoryId,
    directory: path('path', 'clusters/{cluster}'),
    base: path('base', 'infrastructure/mesh'),
    domain: domain ?? '',
    mesh,
    controlPlane,
    istioVersion,
    imageTag: entry.images?.tag ?? istioVersion,
    imageRegistry: entry.images?.registry ?? publicRegistry,
    isMirrored: entry.images !== undefined,
    charts: entry.charts ?? publicCharts,
    hasOwnCharts: entry.charts !== undefined,
    loadBalancer:
      entry.loadBalancer === undefined
        ? undefined
        : {
            scheme: entry.loadBalancer.scheme ?? 'internal',
            certificates: typeof certificates === 'string' ? [certificates] : certificates,
            annotations: entry.loadBalancer.annotations ?? {},
          },
    isVpcShared: entry.sharedVpc ?? false,
    prerequisites: entry.prerequisites ?? [],
    source: { kind: entry.source?.kind ?? 'GitRepository', name: entry.source?.name ?? 'flux-system' },
    variables: entry.variables ?? {},
    exemptions: (entry.exemptions ?? []).map((exemption): ExemptionSpec => ({
      ...exemption,
      namespace: exemption.namespace as NamespaceName,
    })),
    namespaces: namespacesOf(entry.name, environment.name, namespaces),
  };
}

function namespacesOf(
  cluster: string,
  environment: string,
  targets: readonly NamespaceTarget[],
): readonly ClusterNamespaceSpec[] {
  return targets
    .filter((target) => target.environment === environment)
    .flatMap(({ specs }) => specs.find((spec) => spec.cluster === cluster) ?? specs.slice(0, 1))
    .map((spec) => ({
      namespace: spec.namespace,
      stage: spec.stage,
      hasHosts: spec.services.some(({ hosts }) => hosts.length > 0),
      isCentral: spec.namespaceManifest.kind === 'cluster',
      repository: spec.repository,
      directory: spec.directory,
    }));
}

function checkPlaces(
  clusters: readonly WrittenCluster[],
  targets: readonly ClusterTarget[],
  source: FleetSource,
): void {
  const written = (name: string) => clusters.find(({ entry }) => entry.name === name);
  for (const [index, { spec }] of targets.entries()) {
    if (spec.directory === '') continue;
    const place = written(spec.cluster)?.placeOf('path') ?? [];
    const shared = [spec.base, ownDirectory(spec)];
    if (shared.some((directory) => directory === spec.directory || isBelow(directory, spec.directory)))
      source.report(
        'fleet-cluster-path',
        place,
        `The base ${spec.base} is inside ${spec.directory}, so Flux would apply it twice: once in order, and once regardless of order.`,
        "Choose a base outside the cluster's directory.",
      );
    if (spec.cluster === 'base')
      source.report(
        'fleet-cluster-path',
        written(spec.cluster)?.at ?? [],
        'A cluster cannot be called "base": that is the directory the clusters share.',
        'Rename the cluster.',
      );
    const other = targets
      .slice(0, index)
      .find(({ spec: one }) => one.repository === spec.repository && one.directory === spec.directory);
    if (other !== undefined && other.cluster !== spec.cluster)
      source.report(
        'fleet-shared-directory',
        place,
        `Clusters "${other.cluster}" and "${spec.cluster}" have the same path: ${spec.directory} of ${spec.repository}.`,
        'Give each its own directory, for example with {cluster} in path.',
      );
    const twin = targets
      .slice(0, index)
      .find(({ spec: one }) => one.repository === spec.repository && one.base === spec.base);
    if (twin !== undefined && isHelmRepository(twin.spec) !== isHelmRepository(spec))
      source.report(
        'fleet-cluster-charts',
        written(spec.cluster)?.placeOf('charts') ?? [],
        `Clusters "${twin.cluster}" and "${spec.cluster}" share a base, but one takes charts from an OCI registry, the other from a Helm repository.`,
        'Use the same kind for both, or give one of them another base.',
      );
  }
}

function isHelmRepository(spec: ClusterSpec): boolean {
  return spec.charts.startsWith('https://');
}

function ownDirectory(spec: ClusterSpec): RepoPath {
  return joinRepoPath(spec.base, spec.cluster) ?? spec.base;
}
