import { entryOf, inferNamespace, type Inferred, type KnownServices } from '../fleet/infer.ts';
import type { NamespaceEntry, FleetServiceEntry } from '../fleet/schema.ts';
import type { Fleet } from '../model/fleet.ts';
import { isLabelName } from '../model/kubernetes-name.ts';
import type { RepoPath } from '../model/named.ts';
import type { Terminal, Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { parseRepoPath } from '../model/repo-path.ts';
import { reservedFor } from '../model/reserved-namespaces.ts';
import { withEnvironment, withEnvironmentInHosts } from './init.ts';
import { buildableDirectories, readManifests } from './read-manifests.ts';

/** What the command line said already. */
export interface GivenAnswers {
  readonly namespace: string | undefined;
  readonly repository: string | undefined;
  readonly path: string | undefined;
}

/** Asks for a namespace what the manifests and the command line do not tell.
 *  @param tree  the checkout; its manifests give the defaults */
export async function askNamespace(
  terminal: Terminal,
  fleet: Fleet,
  tree: Tree,
  known: GivenAnswers,
): Promise<Outcome<NamespaceEntry>> {
  const environments = fleet.environments.map(({ name }) => name);
  const path = known.path ?? (await askPath(terminal, tree, environments));
  const callable = servicesOf(fleet);
  const inferred = await inferFrom(tree, path, environments, callable);
  if (!inferred.ok) return inferred;
  const found = inferred.value;
  terminal.show(summaryOf(found, path));
  const name = known.namespace ?? (await askName(terminal, found, fleet));
  const repository = known.repository ?? (await askRepository(terminal));
  const stage = await terminal.select({
    message: 'Which stage should it have?',
    choices: [
      {
        name: 'joined',
        value: 'joined' as const,
        hint: 'in the mesh, nothing is refused: policies only report',
      },
      {
        name: 'enforced',
        value: 'enforced' as const,
        hint: 'everything in force: for a namespace with no traffic yet',
      },
    ],
  });
  const others = [...callable.keys()].filter((service) => !service.startsWith(`${name}/`));
  const services = await askServices(terminal, found.services, others);
  const external = await askExternal(terminal, found.external);
  const namespaceManifest = found.hasNamespaceManifest ? undefined : await askManifest(terminal, repository);
  const perEnvironment = path.includes('{environment}')
    ? undefined
    : environments.length > 1
      ? environments.slice(0, 1)
      : undefined;
  return success(
    entryOf({
      name,
      repository,
      path,
      ...(perEnvironment !== undefined && { environments: perEnvironment }),
      stage:
        path.includes('{environment}') && environments.length > 1
          ? { [environments[0] ?? '']: stage }
          : stage,
      ...(namespaceManifest !== undefined && { namespaceManifest }),
      ...(found.usesKubernetesApi && { kubernetesApi: true }),
      services: [...services],
      external: external.map((host) => ({ host })),
    }),
  );
}

async function askPath(terminal: Terminal, tree: Tree, environments: readonly string[]): Promise<string> {
  const directories = [
    ...new Set(buildableDirectories(tree).map((directory) => withEnvironment(directory, environments))),
  ];
  const other = '\0other';
  const chosen =
    directories.length === 0
      ? other
      : await terminal.select({
          message: 'Which directory does Flux build?',
          choices: [
            ...directories.map((value) => ({ name: value === '' ? '(the root)' : value, value })),
            { name: 'another…', value: other },
          ],
        });
  if (chosen !== other) return chosen;
  return terminal.input({
    message: 'Directory that Flux builds ({environment} is filled in)',
    default: 'deploy/overlays/{environment}',
    validate: (text) => parseRepoPath(text) !== undefined || 'a relative path with "/" and without ".."',
  });
}

async function inferFrom(
  tree: Tree,
  path: string,
  environments: readonly string[],
  callable: KnownServices,
): Promise<Outcome<Inferred>> {
  const first = environments
    .map((name) => parseRepoPath(path.replaceAll('{environment}', name)))
    .find((each) => hasFiles(tree, each));
  const manifests = await readManifests(tree, first ?? ('' as RepoPath));
  if (!manifests.ok) return manifests;
  const inferred = inferNamespace(manifests.value, callable);
  const services = first === undefined ? [] : withEnvironmentInHosts(inferred.services, path, environments);
  return success({ ...inferred, services });
}

function servicesOf(fleet: Fleet): KnownServices {
  const specs = fleet.targets.flatMap((target) => (target.kind === 'namespace' ? target.specs : []));
  const pairs = specs.flatMap(({ namespace, services }) =>
    services.map(({ name, ports }) => [`${namespace}/${name}`, ports.map(({ number }) => number)] as const),
  );
  return new Map(pairs);
}

function hasFiles(tree: Tree, directory: RepoPath | undefined): boolean {
  if (directory === undefined) return false;
  return [...tree.snapshot.paths].some((path) => directory === '' || path.startsWith(`${directory}/`));
}

function summaryOf(found: Inferred, path: string): string {
  const services = found.services.map(({ name }) => name).join(', ');
  return services === ''
    ? `No Service was found in ${path}; you can add services to fleet.yaml later.\n`
    : `Found in ${path}: ${services}${found.namespace === undefined ? '' : ` (namespace ${found.namespace})`}\n`;
}

function askName(terminal: Terminal, found: Inferred, { mesh }: Fleet): Promise<string> {
  const isReserved = found.namespace !== undefined && reservedFor(found.namespace, mesh) !== undefined;
  return terminal.input({
    message: 'Namespace',
    default: isReserved ? undefined : found.namespace,
    validate: (text) => {
      if (!isLabelName(text)) return 'lower-case letters, digits and dashes, at most 63 characters';
      const holds = reservedFor(text, mesh);
      return holds === undefined || `not an application: it holds ${holds}`;
    },
  });
}

function askRepository(terminal: Terminal): Promise<string> {
  return terminal.input({
    message: 'Repository (owner/name)',
    validate: (text) => /^[A-Za-z0-9-]+\/[A-Za-z0-9._-]+$/.test(text) || 'owner/name',
  });
}

async function askServices(
  terminal: Terminal,
  services: readonly FleetServiceEntry[],
  others: readonly string[],
): Promise<readonly FleetServiceEntry[]> {
  const chosen = await terminal.checkbox({
    message: 'Services to declare',
    choices: services.map((value) => ({ name: value.name, value, hint: describe(value), checked: true })),
  });
  const complete: FleetServiceEntry[] = [];
  for (const service of chosen) complete.push(await askCalls(terminal, service, chosen, others));
  return complete;
}

/** Confirms what the environment variables hint at; a call that nobody declares is refused once policies are in force. */
async function askCalls(
  terminal: Terminal,
  service: FleetServiceEntry,
  chosen: readonly FleetServiceEntry[],
  others: readonly string[],
): Promise<FleetServiceEntry> {
  const isCallable = (call: string) =>
    call.includes('/') || chosen.some(({ name }) => name === call.split(':')[0]);
  const hinted = (service.calls ?? []).filter(isCallable);
  const names = new Set(hinted.map((call) => call.split(':')[0]));
  const own = chosen.map(({ name }) => name).filter((name) => name !== service.name && !names.has(name));
  const unhinted = others.filter((name) => !names.has(name));
  const { calls: _, ...rest } = service;
  const choices = [
    ...hinted.map((value) => ({ name: value, value, hint: 'found in its environment', checked: true })),
    ...[...own, ...unhinted].map((value) => ({ name: value, value })),
  ];
  if (choices.length === 0) return rest;
  const calls = await terminal.checkbox({ message: `What does ${service.name} call?`, choices });
  return calls.length === 0 ? rest : { ...rest, calls: [...calls] };
}

function describe(service: FleetServiceEntry): string {
  const ports = (service.ports ?? []).map((port) =>
    typeof port === 'object' ? `${String(port.number)}/${port.protocol ?? 'http'}` : String(port),
  );
  return [ports.join(' '), ...(service.hosts ?? []), service.serviceAccount ?? '']
    .filter((part) => part !== '')
    .join(', ');
}

async function askExternal(terminal: Terminal, hosts: readonly string[]): Promise<readonly string[]> {
  return terminal.checkbox({
    message: 'Hosts outside the cluster that it calls',
    choices: hosts.map((value) => ({ name: value, value, checked: true })),
  });
}

async function askManifest(
  terminal: Terminal,
  repository: string,
): Promise<NamespaceEntry['namespaceManifest']> {
  const kind = await terminal.select({
    message: 'Where is the Namespace manifest? None is in this directory.',
    choices: [
      { name: 'in another directory or repository', value: 'file' as const },
      { name: 'nowhere yet: create it', value: 'create' as const },
      { name: 'not in Git (Terraform, a controller)', value: 'external' as const },
    ],
  });
  if (kind !== 'file') return kind;
  const owner = await terminal.input({ message: 'Its repository (owner/name)', default: repository });
  const path = await terminal.input({
    message: 'Its path there',
    default: 'namespaces/{namespace}.yaml',
    validate: (text) => (text !== '' && parseRepoPath(text) !== undefined) || 'a relative path',
  });
  return { repository: owner, path };
}
