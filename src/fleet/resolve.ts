import type {
  Fleet,
  MeshSpec,
  NamespaceManifestSpec,
  NamespaceSpec,
  NamespaceTarget,
  ObservedTraffic,
  ServiceSpec,
  Stage,
} from '../model/fleet.ts';
import type { YamlPath } from '../model/json.ts';
import type { NamespaceName, RepoPath, RepositoryId, TargetId } from '../model/named.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import type { CallIndex } from './calls.ts';
import { isOnePath, pathOn, type FoundPath, type FoundPaths } from './found-paths.ts';
import { fleetClusters, resolveClusters, writtenClusters } from './clusters.ts';
import { fill, type Placeholders } from './placeholders.ts';
import { resolveLint } from './lint-config.ts';
import { withSiblings } from './siblings.ts';
import { resolveGates } from './pacing.ts';
import { isHttp } from '../k8s/protocol.ts';
import { externalPorts, portOf } from './ports.ts';
import { resolveForge, resolveMesh, resolveTemplates } from './resolve-settings.ts';
import type { EnvironmentEntry, FleetFile, NamespaceEntry, FleetServiceEntry } from './schema.ts';
import type { PlacedText, FleetSource } from './source.ts';

/** The report's list of paths that monitors ask (FIELD-REPORT 3). */
const defaultHealthChecks = ['/healthz', '/readyz', '/livez', '/health', '/ready'];

/** Fills defaults and placeholders in and links calls to services. What is wrong goes to `source`; the fleet is usable
 *  only when nothing was. */
export function resolveFleet(
  file: FleetFile,
  calls: CallIndex,
  source: FleetSource,
  paths?: FoundPaths,
): Fleet {
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
      .flatMap((environment) =>
        resolveTarget({ file, entry, index, environment, mesh, calls, source, paths }),
      ),
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
  readonly paths: FoundPaths | undefined;
}

/** @returns nothing where nobody looked for the path that the fleet does not say */
function resolveTarget(context: Context): readonly NamespaceTarget[] {
  const { file, entry, index, environment, source, paths } = context;
  const isSaid = (key: 'path' | 'repository') => (entry[key] ?? file.defaults?.[key]) !== undefined;
  if (paths !== undefined && !(isSaid('path') && isSaid('repository')))
    return paths === 'skipped' ? [] : foundTarget(context, paths);
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
  return [targetOf(context, id, stage, specs)];
}

function targetOf(
  { entry, environment }: Context,
  id: TargetId,
  stage: Stage,
  specs: readonly NamespaceSpec[],
): NamespaceTarget {
  return {
    kind: 'namespace',
    id,
    namespace: entry.name as NamespaceName,
    environment: environment.name,
    stage,
    repository: specs[0]?.repository ?? ('' as RepositoryId),
    specs,
  };
}

/** A namespace whose path the clusters of its environment say. */
function foundTarget(context: Context, paths: Exclude<FoundPaths, 'skipped'>): readonly NamespaceTarget[] {
  const { file, entry, index, environment, source } = context;
  const { path = file.defaults?.path, repository = file.defaults?.repository } = entry;
  const valuesOn = (cluster: string | undefined): Placeholders => ({
    namespace: entry.name,
    environment: environment.name,
    cluster,
    domain: environment.domain,
  });
  const at: YamlPath = ['namespaces', index];
  const found = pathOn(entry.name, clusterNames(environment), paths, {
    repository: repository === undefined ? undefined : fill(repository, valuesOn(undefined), at, source),
    path: path === undefined ? undefined : (cluster) => pathIn(path, valuesOn(cluster), at, source),
  });
  if ('why' in found) {
    source.report(
      'fleet-path-unknown',
      at,
      `The fleet does not say what "${entry.name}" is built from in ${environment.name}, and ${found.why}.`,
      found.fix,
    );
    return [];
  }
  const stage = stageIn(entry, environment.name, file) ?? 'outside';
  const id = `${entry.name}@${environment.name}` as TargetId;
  const isOne = isOnePath(found.on);
  const specs = [...found.on].slice(0, isOne ? 1 : undefined).map(([cluster, each]) => {
    const named = isOne ? undefined : cluster;
    return resolveSpec(context, id, stage, named, { text: each.directory, place: at, found: each });
  });
  return [targetOf(context, id, stage, specs)];
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
  path: PlacedText & { readonly found?: FoundPath },
): NamespaceSpec {
  const { file, entry, index, environment, mesh, calls, source } = context;
  const values: Placeholders = {
    namespace: entry.name,
    environment: environment.name,
    cluster,
    domain: environment.domain,
  };
  const at: YamlPath = ['namespaces', index];
  const repositoryText = path.found?.repository ?? entry.repository ?? file.defaults?.repository;
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
    otherDirectories: otherDirectories(context, pathIn(path.text, values, path.place, source), values),
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
    complete: { callers: entry.complete?.callers, calls: entry.complete?.calls },
    accept: entry.accept ?? {},
    previousGateways: entry.previousGateways ?? file.defaults?.previousGateways ?? 'keep',
    namespaceManifest: resolveManifest(context, repository, values, path.found),
    strictClusters: writtenClusters(file)
      .filter((each) => each.environment.name === environment.name && each.entry.mode === 'strict')
      .map((each) => each.entry.name)
      .filter((name) => cluster === undefined || name === cluster),
  };
}

/** What else the namespace is built from; its siblings are found when all targets are known. */
function otherDirectories(
  { entry, index, source }: Context,
  own: RepoPath,
  values: Placeholders,
): NamespaceSpec['otherDirectories'] {
  const all = (entry.otherPaths ?? []).map((text, at) =>
    pathIn(text, values, ['namespaces', index, 'otherPaths', at], source),
  );
  return [...new Set(all)]
    .filter((directory) => directory !== own)
    .map((directory) => ({ directory, siblingDirectories: [], sharedWith: [] }));
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
  found: FoundPath | undefined,
): NamespaceManifestSpec {
  const said = entry.namespaceManifest ?? file.defaults?.namespaceManifest;
  if (said === undefined && found?.manifest !== undefined) return found.manifest;
  const manifest = said ?? 'search';
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
  const ports = (service.ports ?? []).map(portOf);
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
        ? ports.length === 0
          ? `Service "${service.name}" has hosts but no ports, so there is nothing for the gateway to route to.`
          : `Service "${service.name}" has hosts and several ports, so it is unclear which one the gateway routes to.`
        : `Service "${service.name}" has no port ${String(gatewayPort)}.`,
      ports.length === 0
        ? 'Add its ports.'
        : `Set gatewayPort to one of ${ports.map(({ number }) => number).join(', ')}.`,
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
    hasCalls: (service.calls ?? []).length > 0,
    complete: {
      callers: service.complete?.callers ?? entry.complete?.callers,
      calls: service.complete?.calls ?? entry.complete?.calls,
    },
    observed: observedTraffic(service),
  };
}

function observedTraffic({ observed }: FleetServiceEntry): ObservedTraffic | undefined {
  if (observed === undefined) return undefined;
  const { source, from, until, received = 0, sent = 0 } = observed;
  return { source, from, until, received, sent };
}
