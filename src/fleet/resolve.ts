import type {
  Fleet,
  ForgeSpec,
  MeshSpec,
  NamespaceManifestSpec,
  NamespaceSpec,
  NamespaceTarget,
  ServiceSpec,
  Stage,
  TemplatesSpec,
} from '../model/fleet.ts';
import type { YamlPath } from '../model/json.ts';
import type { NamespaceName, RepoPath, RepositoryId, TargetId } from '../model/named.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import type { CallIndex } from './calls.ts';
import { fleetClusters, resolveClusters, writtenClusters } from './clusters.ts';
import { fill, type Placeholders } from './placeholders.ts';
import { resolveLint } from './lint-config.ts';
import { withSiblings } from './siblings.ts';
import { resolveGates, resolveLimits } from './pacing.ts';
import { isHttp } from '../k8s/protocol.ts';
import { externalPorts, portOf } from './ports.ts';
import type {
  EnvironmentEntry,
  FleetFile,
  ForgeEntry,
  MeshEntry,
  NamespaceEntry,
  FleetServiceEntry,
} from './schema.ts';
import type { PlacedText, FleetSource } from './source.ts';

/** The report's list of paths that monitors ask (FIELD-REPORT 3). */
const defaultHealthChecks = ['/healthz', '/readyz', '/livez', '/health', '/ready'];

/** Fills defaults and placeholders in and links calls to services. What is wrong goes to `source`; the fleet is usable
 *  only when nothing was. */
export function resolveFleet(file: FleetFile, calls: CallIndex, source: FleetSource): Fleet {
  const mesh = resolveMesh(file.mesh);
  const clusters = writtenClusters(file);
  const environments = file.environments.map(({ name }) => ({
    name,
    clusters: fleetClusters(clusters, name),
  }));
  const known = new Map(file.environments.map((environment) => [environment.name, environment]));
  checkEnvironmentNames(file, known, source);
  const found = file.namespaces.flatMap((entry, index) =>
    environmentsOf(entry, file)
      .map((name) => known.get(name))
      .filter((environment) => environment !== undefined)
      .map((environment) => resolveTarget({ file, entry, index, environment, mesh, calls, source })),
  );
  const namespaces = withSiblings(found);
  return {
    mesh,
    forge: resolveForge(file.forge, source),
    environments,
    targets: [...resolveClusters(file, clusters, mesh, namespaces, source), ...namespaces],
    waves: (file.waves ?? []).map(({ name, namespaces: members }) => ({
      name,
      namespaces: members.map((member) => member as NamespaceName),
    })),
    gates: resolveGates(file.gates),
    lint: resolveLint(file.lint),
    templates: resolveTemplates(file.templates, source),
  };
}

/** The environments of a namespace, in promotion order. */
function environmentsOf(entry: NamespaceEntry, file: FleetFile): readonly string[] {
  const all = file.environments.map(({ name }) => name);
  const chosen = entry.environments ?? file.defaults?.environments;
  return chosen === undefined ? all : all.filter((name) => chosen.includes(name));
}

/** How far a namespace is in an environment; undefined: it does not exist there. */
export function stageIn(entry: NamespaceEntry, environment: string, file: FleetFile): Stage | undefined {
  if (!environmentsOf(entry, file).includes(environment)) return undefined;
  const stage = entry.stage ?? file.defaults?.stage ?? 'outside';
  if (typeof stage === 'string') return stage;
  return Object.hasOwn(stage, environment) ? (stage[environment] ?? 'outside') : 'outside';
}

function checkEnvironmentNames(
  file: FleetFile,
  known: ReadonlyMap<string, EnvironmentEntry>,
  source: FleetSource,
): void {
  const check = (names: Iterable<readonly [string, YamlPath]>) => {
    for (const [name, path] of names)
      if (!known.has(name))
        source.report(
          'fleet-unknown-environment',
          path,
          `The fleet has no environment "${name}".`,
          `Known: ${[...known.keys()].join(', ')}.`,
        );
  };
  const places = (entry: Partial<NamespaceEntry>, path: YamlPath) => {
    check((entry.environments ?? []).map((name, index) => [name, [...path, 'environments', index]] as const));
    if (typeof entry.stage === 'object')
      check(Object.keys(entry.stage).map((name) => [name, [...path, 'stage', name]] as const));
  };
  places(file.defaults ?? {}, ['defaults']);
  for (const [index, entry] of file.namespaces.entries()) places(entry, ['namespaces', index]);
}

interface Context {
  readonly file: FleetFile;
  readonly entry: NamespaceEntry;
  readonly index: number;
  readonly environment: EnvironmentEntry;
  readonly mesh: MeshSpec;
  readonly calls: CallIndex;
  readonly source: FleetSource;
}

function resolveTarget(context: Context): NamespaceTarget {
  const { file, entry, index, environment, source } = context;
  const stage = stageIn(entry, environment.name, file) ?? 'outside';
  const id = `${entry.name}@${environment.name}` as TargetId;
  const place = entry.path === undefined ? ['defaults', 'path'] : ['namespaces', index, 'path'];
  const pathText = entry.path ?? file.defaults?.path;
  if (pathText === undefined)
    reportMissing(source, index, entry.name, 'path', 'the directory that Flux builds');
  const clusters = pathText?.includes('{cluster}') === true ? clusterNames(environment) : [undefined];
  if (clusters.length === 0)
    source.report(
      'fleet-unknown-placeholder',
      place,
      `The path uses {cluster}, but environment "${environment.name}" has no clusters.`,
      `List the clusters of "${environment.name}".`,
    );
  const specs = clusters.map((cluster) =>
    resolveSpec(context, id, stage, cluster, { text: pathText ?? '', place }),
  );
  const repository = specs[0]?.repository ?? ('' as RepositoryId);
  return {
    kind: 'namespace',
    id,
    namespace: entry.name as NamespaceName,
    environment: environment.name,
    stage,
    repository,
    specs,
  };
}

function clusterNames({ clusters }: EnvironmentEntry): readonly string[] {
  return (clusters ?? []).map((cluster) => (typeof cluster === 'string' ? cluster : cluster.name));
}

function reportMissing(source: FleetSource, index: number, name: string, key: string, what: string): void {
  source.report(
    'fleet-missing-key',
    ['namespaces', index],
    `Namespace "${name}" has no ${key}: ${what}.`,
    `Add ${key} to it, or to defaults.`,
  );
}

function resolveSpec(
  context: Context,
  target: TargetId,
  stage: Stage,
  cluster: string | undefined,
  path: PlacedText,
): NamespaceSpec {
  const { file, entry, index, environment, mesh, calls, source } = context;
  const values: Placeholders = {
    namespace: entry.name,
    environment: environment.name,
    cluster,
    domain: environment.domain,
  };
  const at: YamlPath = ['namespaces', index];
  const repositoryText = entry.repository ?? file.defaults?.repository;
  if (repositoryText === undefined) reportMissing(source, index, entry.name, 'repository', 'owner/name');
  const repositoryPlace = entry.repository === undefined ? ['defaults', 'repository'] : [...at, 'repository'];
  const repository = fill(repositoryText ?? '', values, repositoryPlace, source) as RepositoryId;
  return {
    target,
    namespace: entry.name as NamespaceName,
    environment: environment.name,
    cluster,
    stage,
    repository,
    directory: pathIn(path.text, values, path.place, source),
    siblingDirectories: [],
    sharedWith: [],
    mesh,
    services: (entry.services ?? []).map((service, number) =>
      resolveService(service, [...at, 'services', number], values, context),
    ),
    callees: calls.calleesOf(entry.name),
    external: (entry.external ?? []).map((call) => ({
      host: call.host,
      ports: externalPorts(call),
      addresses: call.addresses ?? [],
    })),
    kubernetesApi: entry.kubernetesApi ?? file.defaults?.kubernetesApi ?? false,
    healthCheckPaths: entry.healthChecks ?? file.defaults?.healthChecks ?? defaultHealthChecks,
    accept: entry.accept ?? {},
    previousGateways: entry.previousGateways ?? file.defaults?.previousGateways ?? 'keep',
    namespaceManifest: resolveManifest(context, repository, values),
    strictClusters: writtenClusters(file)
      .filter((each) => each.environment.name === environment.name && each.entry.mode === 'strict')
      .map((each) => each.entry.name)
      .filter((name) => cluster === undefined || name === cluster),
  };
}

/** A path of the file, filled in; said as it is written, the same for every environment. */
function pathIn(text: string, values: Placeholders, place: YamlPath, source: FleetSource): RepoPath {
  const path = parseRepoPath(fill(text, values, place, source));
  if (path !== undefined) return path;
  source.report(
    'fleet-path-outside',
    place,
    `"${text}" is not a path inside a repository.`,
    'Write a relative path with "/" and without "..".',
  );
  return '' as RepoPath;
}

function resolveManifest(
  { file, entry, index, source }: Context,
  repository: RepositoryId,
  values: Placeholders,
): NamespaceManifestSpec {
  const manifest = entry.namespaceManifest ?? file.defaults?.namespaceManifest ?? 'search';
  if (typeof manifest === 'string') return { kind: manifest };
  const place: YamlPath =
    entry.namespaceManifest === undefined
      ? ['defaults', 'namespaceManifest']
      : ['namespaces', index, 'namespaceManifest'];
  const owner =
    manifest.repository === undefined
      ? repository
      : fill(manifest.repository, values, [...place, 'repository'], source);
  return {
    kind: 'file',
    repository: owner as RepositoryId,
    path: pathIn(manifest.path, values, [...place, 'path'], source),
  };
}

function resolveService(
  service: FleetServiceEntry,
  at: YamlPath,
  values: Placeholders,
  context: Context,
): ServiceSpec {
  const { file, entry, environment, calls, source } = context;
  const ports = service.ports.map(portOf);
  const hosts = (service.hosts ?? []).map((host, index) =>
    fill(host, values, [...at, 'hosts', index], source),
  );
  const candidates = ports.length === 1 ? ports : ports.filter(({ protocol }) => isHttp(protocol));
  const gatewayPort = service.gatewayPort ?? (candidates.length === 1 ? candidates[0]?.number : undefined);
  if (hosts.length > 0 && (gatewayPort === undefined || !ports.some(({ number }) => number === gatewayPort)))
    source.report(
      'fleet-gateway-port',
      service.gatewayPort === undefined ? [...at, 'ports'] : [...at, 'gatewayPort'],
      gatewayPort === undefined
        ? `Service "${service.name}" has hosts and several ports, so it is unclear which one the gateway routes to.`
        : `Service "${service.name}" has no port ${String(gatewayPort)}.`,
      `Set gatewayPort to one of ${ports.map(({ number }) => number).join(', ')}.`,
    );
  return {
    name: service.name,
    serviceAccount: service.serviceAccount ?? 'default',
    selector: service.selector,
    ports,
    hosts,
    gatewayPort: hosts.length > 0 ? gatewayPort : undefined,
    stickySession:
      service.stickySession === undefined
        ? undefined
        : {
            cookie: service.stickySession.cookie,
            path: service.stickySession.path ?? '/',
            ttl: service.stickySession.ttl ?? '0s',
          },
    callers: [
      ...calls.callersOf(entry.name, service.name, (caller) => stageIn(caller, environment.name, file)),
      ...(service.allowFrom ?? []).map((caller) => ({
        namespace: caller.namespace as NamespaceName,
        serviceAccount: caller.serviceAccount,
        service: undefined,
        ports: caller.ports ?? [],
        stage: undefined,
      })),
    ],
  };
}

function resolveMesh(mesh: MeshEntry): MeshSpec {
  const rootNamespace = (mesh.rootNamespace ?? 'istio-system') as NamespaceName;
  const gatewayNamespace = (mesh.gateway.namespace ?? rootNamespace) as NamespaceName;
  return {
    istioVersion: mesh.istioVersion,
    revision: mesh.revision,
    rootNamespace,
    trustDomain: mesh.trustDomain ?? 'cluster.local',
    gateway: {
      name: mesh.gateway.name ?? 'istio-shared-gateway',
      namespace: gatewayNamespace,
      podNamespace: (mesh.gateway.podNamespace ?? gatewayNamespace) as NamespaceName,
      serviceAccount: mesh.gateway.serviceAccount,
    },
    providers: [
      ...new Set([
        ...(mesh.providers ?? []),
        ...(mesh.tracing === undefined ? [] : [mesh.tracing.collector]),
      ]),
    ].map((provider) => {
      const [service = '', namespace = ''] = provider.split('.');
      return { namespace: namespace as NamespaceName, service };
    }),
    dnsCapture: mesh.dnsCapture ?? false,
  };
}

function resolveForge(forge: ForgeEntry, source: FleetSource): ForgeSpec {
  if (forge.kind === 'local' && forge.directory === undefined)
    source.report(
      'fleet-missing-key',
      ['forge'],
      'A local forge needs a directory.',
      'Add directory: the folder of its repositories.',
    );
  if (forge.kind === 'github' && forge.directory !== undefined)
    source.report(
      'fleet-bad-value',
      ['forge', 'directory'],
      'directory is for a local forge only.',
      'Remove it, or set kind: local.',
    );
  if (forge.kind === 'local' && forge.api !== undefined)
    source.report(
      'fleet-bad-value',
      ['forge', 'api'],
      'api is for a GitHub forge only.',
      'Remove it, or set kind: github.',
    );
  const common = {
    branchPrefix: forge.branchPrefix ?? 'meshwright',
    baseBranch: forge.baseBranch,
    labels: forge.labels ?? [],
    reviewers: forge.reviewers ?? [],
    draft: forge.draft ?? false,
    limits: resolveLimits(forge.limits),
  };
  return forge.kind === 'local'
    ? { kind: 'local', directory: forge.directory ?? '', ...common }
    : { kind: 'github', api: forge.api?.replace(/(?<!\/)\/+$/, ''), ...common };
}

function resolveTemplates(entry: FleetFile['templates'], source: FleetSource): TemplatesSpec | undefined {
  if (entry === undefined) return undefined;
  if (typeof entry === 'string') return { kind: 'folder', folder: entry };
  const path = parseRepoPath(entry.path ?? '');
  if (path === undefined)
    source.report(
      'fleet-bad-path',
      ['templates', 'path'],
      'path must stay inside the repository.',
      'Write it relative to the root of the repository.',
    );
  return {
    kind: 'repository',
    repository: entry.repository as RepositoryId,
    ref: entry.ref,
    path: path ?? ('' as RepoPath),
  };
}
