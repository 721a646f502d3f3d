import { inferNamespace, entryOf } from '../fleet/infer.ts';
import type { NamespaceEntry, FleetServiceEntry } from '../fleet/schema.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import type { Files } from '../model/ports.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { reservedFor } from '../model/reserved-namespaces.ts';
import { buildableDirectories, readManifests } from './read-manifests.ts';
import type { LocalCheckout } from './scan-clusters.ts';
import type { WrittenObjects } from './scan-texts.ts';

/** Namespaces as the manifests below some folders show them: one for each directory that builds one. Overlays of one
 *  namespace whose paths differ in an environment's name become one entry.
 *  @param repositoryOf  names the repository of a folder
 *  @param written  where Namespaces are written */
export async function scanNamespaces(
  folders: readonly string[],
  environments: readonly string[],
  files: Files,
  repositoryOf: (folder: string) => Promise<string | undefined>,
  written: WrittenObjects['namespaces'] = new Map(),
): Promise<Outcome<readonly NamespaceEntry[]>> {
  const entries = new Map<string, NamespaceEntry>();
  const problems: Problem[] = [];
  const leftOut = new Set<string>();
  for (const folder of folders) {
    const tree = await files.tree(folder);
    if (!tree.ok) return tree;
    const repository = (await repositoryOf(folder)) ?? 'OWNER/NAME';
    for (const directory of buildableDirectories(tree.value)) {
      const manifests = await readManifests(tree.value, directory);
      if (!manifests.ok) return manifests;
      const inferred = inferNamespace(manifests.value);
      if (inferred.services.length === 0 || inferred.namespace === undefined) continue;
      if (reservedFor(inferred.namespace, undefined) !== undefined) {
        leftOut.add(inferred.namespace);
        continue;
      }
      const path = withEnvironment(directory, environments);
      const known = entries.get(inferred.namespace);
      if (known !== undefined) {
        if (known.path !== path)
          problems.push({
            rule: 'scan-several-directories',
            severity: 'warning',
            message: `Namespace "${inferred.namespace}" is built from ${known.path ?? ''} and from ${path}; the first was used.`,
            fix: 'Correct path in fleet.yaml if the other is meant.',
            file: directory,
          });
        continue;
      }
      entries.set(
        inferred.namespace,
        entryOf({
          name: inferred.namespace,
          repository,
          path,
          ...(path.includes('{environment}')
            ? {}
            : environments.length > 1 && { environments: environments.slice(0, 1) }),
          ...(!inferred.hasNamespaceManifest && {
            namespaceManifest: manifestOf(inferred.namespace, written, problems),
          }),
          ...(inferred.usesKubernetesApi && { kubernetesApi: true }),
          services: withEnvironmentInHosts(inferred.services, path, environments),
          external: inferred.external.map((host) => ({ host })),
        }),
      );
    }
  }
  if (leftOut.size > 0)
    problems.push({
      rule: 'scan-reserved-namespace',
      severity: 'info',
      message: `Skipped, because they belong to the mesh, Flux or Kubernetes, not to an application: ${[...leftOut].sort().join(', ')}.`,
    });
  if (entries.size === 0 && leftOut.size === 0)
    return failure({
      rule: 'scan-nothing',
      severity: 'error',
      message: `No directory with a kustomization file and a Service was found below ${folders.join(', ')}.`,
      fix: 'Name the root of a checkout.',
    });
  return success([...entries.values()], problems);
}

/** Where a Namespace is written that no directory of its application builds. */
function manifestOf(
  namespace: string,
  written: WrittenObjects['namespaces'],
  problems: Problem[],
): NonNullable<NamespaceEntry['namespaceManifest']> {
  const [first, ...others] = written.get(namespace) ?? [];
  if (first === undefined) return 'external';
  const { repository, file } = first;
  if (others.length > 0)
    problems.push({
      rule: 'scan-several-manifests',
      severity: 'warning',
      message: `The Namespace "${namespace}" is written in ${repository} ${file}, and in ${others.map((each) => `${each.repository} ${each.file}`).join(' and ')}; the fleet file names the first.`,
      fix: 'Correct namespaceManifest in fleet.yaml if the cluster is built from another.',
      file,
    });
  return { repository, path: file };
}

/** A directory with its environment's name as a placeholder. */
export function withEnvironment(directory: string, environments: readonly string[]): string {
  return directory
    .split('/')
    .map((part) => (environments.includes(part) ? '{environment}' : part))
    .join('/');
}

/** Services with their environment's name as a placeholder in their hosts, where their directory has it too. */
export function withEnvironmentInHosts(
  services: readonly FleetServiceEntry[],
  path: string,
  environments: readonly string[],
): FleetServiceEntry[] {
  if (!path.includes('{environment}')) return [...services];
  const inHost = (host: string) =>
    host
      .split('.')
      .map((label) => (environments.includes(label) ? '{environment}' : label))
      .join('.');
  return services.map((service) =>
    service.hosts === undefined ? service : { ...service, hosts: service.hosts.map(inHost) },
  );
}

export { scanClusters } from './scan-clusters.ts';
export {
  argoProblem,
  assumedEnvironments,
  environmentsOfFolders,
  notFollowed,
  writtenObjects,
} from './scan-texts.ts';

/** The checkouts in some folders: each by itself, or a folder of checkouts by owner and name.
 *  @param repositoryOf  names the repository of a folder; undefined: it is no clone */
export async function localCheckouts(
  folders: readonly string[],
  files: Files,
  repositoryOf: (folder: string) => Promise<string | undefined>,
): Promise<Outcome<readonly LocalCheckout[]>> {
  const found: LocalCheckout[] = [];
  for (const folder of folders) {
    const tree = await files.tree(folder);
    if (!tree.ok) return tree;
    const repository = (await repositoryOf(folder)) as RepositoryId | undefined;
    const below =
      repository === undefined ? await cloneFolders(tree.value.snapshot.paths, folder, repositoryOf) : [];
    if (below.length === 0)
      found.push({ repository: repository ?? ('OWNER/NAME' as RepositoryId), tree: tree.value });
    for (const each of below) {
      const own = await files.tree(each.folder);
      if (!own.ok) return own;
      found.push({ repository: each.repository, tree: own.value });
    }
  }
  return success(found);
}

/** The clones one or two levels below a folder. */
async function cloneFolders(
  paths: ReadonlySet<RepoPath>,
  folder: string,
  repositoryOf: (folder: string) => Promise<string | undefined>,
): Promise<readonly { readonly folder: string; readonly repository: RepositoryId }[]> {
  const names = new Set<string>();
  for (const path of paths) {
    const [first, second, third] = path.split('/');
    if (first !== undefined && second !== undefined) names.add(first);
    if (first !== undefined && second !== undefined && third !== undefined) names.add(`${first}/${second}`);
  }
  const found: { readonly folder: string; readonly repository: RepositoryId }[] = [];
  for (const name of [...names].sort()) {
    if (found.some((each) => `${folder}/${name}`.startsWith(`${each.folder}/`))) continue;
    const repository = await repositoryOf(`${folder}/${name}`);
    if (repository !== undefined)
      found.push({ folder: `${folder}/${name}`, repository: repository as RepositoryId });
  }
  return found;
}
