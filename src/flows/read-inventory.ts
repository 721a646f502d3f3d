import type { Build, BuiltCluster } from '../flux/build.ts';
import { readDirectories } from '../flux/cluster-changes.ts';
import { resourceOfManifest, resourcesOfDocument } from '../flux/resource.ts';
import { readTree } from '../kustomize/read-tree.ts';
import { discoverSettings } from '../mesh/discover-settings.ts';
import { settingsOfFleet } from '../mesh/fleet-settings.ts';
import { Inventory } from '../mesh/inventory.ts';
import { withMeshWideStrict } from '../mesh/mesh-wide-strict.ts';
import { directoriesOf, type Fleet, type NamespaceSpec } from '../model/fleet.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import { reservedFor } from '../model/reserved-namespaces.ts';
import { describeResource, type Resource } from '../model/resource.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { readYaml } from '../yaml/read.ts';
import type { Checkouts } from './checkouts.ts';
import type { ClusterScope } from './cluster-scope.ts';
import { isOtherRepository } from './one-checkout.ts';

/** The objects of a place: all that Flux builds there, when the entry of the cluster is known, and the directories that the
 *  fleet declares, where Flux is not seen to build them. What does not build is left out, and said.
 *  @param isStrict  whether plaintext is refused, where no bundle of the cluster says it */
export async function readInventory(
  place: ClusterScope,
  fleet: Fleet,
  checkouts: Checkouts,
  isStrict: boolean,
): Promise<Outcome<Inventory>> {
  const gathered = new Gathered();
  const built = place.entry === undefined ? undefined : await checkouts.cluster(place.entry);
  for (const build of built?.builds ?? []) gathered.add(resourcesOf(build).filter(isBearing(place, fleet)));
  gathered.problems.push(...(built?.problems ?? []).map(asWarning));
  for (const spec of place.specs) {
    const declared = await readDeclared(spec, built, place, checkouts);
    if (!declared.ok) return declared;
    gathered.add(declared.value);
    gathered.problems.push(...declared.problems);
  }
  const settings = settingsOfFleet(fleet);
  const all = gathered.resources;
  const resources =
    isStrict && place.target === undefined ? withMeshWideStrict(all, settings.rootNamespace) : all;
  const view = { fleet, environment: place.environment };
  return success(new Inventory(resources, discoverSettings(resources, settings), view), gathered.problems);
}

class Gathered {
  readonly problems: Problem[] = [];
  readonly #found = new Map<string, Resource>();

  add(resources: readonly Resource[]): void {
    for (const each of resources) {
      const id = `${each.group} ${describeResource(each)}`;
      if (!this.#found.has(id)) this.#found.set(id, each);
    }
  }

  get resources(): readonly Resource[] {
    return [...this.#found.values()];
  }
}

/** Those of the same build, which is the same object as long as it is built of the same texts. */
const resources = new WeakMap<Build, readonly Resource[]>();

function resourcesOf(build: Build): readonly Resource[] {
  const found =
    resources.get(build) ??
    build.objects.map(({ repository, manifest }) =>
      resourceOfManifest(manifest, { nameOf: (path) => `${repository}/${path}`, namespace: undefined }),
    );
  resources.set(build, found);
  return found;
}

/** Kinds that act on calls between any namespaces. */
const anywhere: ReadonlySet<string | undefined> = new Set(['VirtualService', 'ServiceEntry', 'Gateway']);

/** Whether an object can matter to the namespaces that are looked at. */
function isBearing({ around }: ClusterScope, { mesh }: Fleet): (resource: Resource) => boolean {
  if (around === undefined) return () => true;
  return ({ namespace, name, known: kind }) =>
    around.has(kind === 'Namespace' ? name : namespace) ||
    namespace === '' ||
    anywhere.has(kind) ||
    reservedFor(namespace, mesh) !== undefined;
}

/** What stops no reading is a warning: the rest is still reported when something does not build today. */
function asWarning(problem: Problem): Problem {
  return problem.severity === 'error' ? { ...problem, severity: 'warning' } : problem;
}

/** What a namespace's own directory builds, and its Namespace manifest, where the cluster is not seen to build them. */
async function readDeclared(
  spec: NamespaceSpec,
  cluster: BuiltCluster | undefined,
  { cluster: name }: ClusterScope,
  checkouts: Checkouts,
): Promise<Outcome<readonly Resource[]>> {
  const found: Resource[] = [];
  const problems: Problem[] = [];
  const { repository, namespace, namespaceManifest: manifest } = spec;
  for (const directory of directoriesOf(spec)) {
    if (cluster !== undefined && isBuilt(cluster, { ...spec, directory })) continue;
    const own = await read(checkouts, repository, (snapshot) =>
      directoryObjects(snapshot, directory, `${repository}/`, namespace),
    );
    if (!own.ok) return own;
    found.push(...own.value);
    problems.push(...own.problems);
    if (cluster !== undefined && name !== undefined) problems.push(notBuilt({ ...spec, directory }, name));
  }
  if (manifest.kind === 'file') {
    const own = await read(checkouts, manifest.repository, (snapshot) => fileAt(snapshot, manifest));
    if (!own.ok && isOtherRepository(own)) return success(found, problems);
    if (!own.ok) return own;
    found.push(...own.value.filter((each) => each.known === 'Namespace' && each.name === namespace));
  }
  return success(found, problems);
}

/** Whether some Kustomization of a cluster builds a namespace's directory, or what includes it. */
function isBuilt({ builds }: BuiltCluster, { repository, directory }: NamespaceSpec): boolean {
  return builds.some((build) => build.repository === repository && readDirectories(build).has(directory));
}

function notBuilt({ repository, directory, namespace }: NamespaceSpec, cluster: string): Problem {
  return {
    rule: 'flux-path-not-built',
    severity: 'warning',
    message: `Nothing that Git shows of ${cluster} builds ${directory || 'the root'} of ${repository}, which fleet.yaml names for namespace "${namespace}". It was read as if it were applied.`,
    fix: 'Correct path and repository in fleet.yaml, or add the Flux Kustomization.',
    repository,
    file: directory,
  };
}

interface Objects {
  readonly resources: readonly Resource[];
  readonly problems: readonly Problem[];
}

async function read(
  checkouts: Checkouts,
  repository: RepositoryId,
  look: (snapshot: Snapshot) => Reading<Objects>,
): Promise<Outcome<readonly Resource[]>> {
  const built = await checkouts.read(repository, look);
  if (!built.ok) return built;
  const { resources: objects, problems } = built.value;
  const errors = problems.filter(({ severity }) => severity === 'error');
  return success(
    objects,
    errors.map((each) => ({ ...asWarning(each), repository })),
  );
}

/** What a directory builds.
 *  @param prefix  what goes before each path when it is shown: `acme/shop/`
 *  @param namespace  of objects that say none */
function directoryObjects(
  snapshot: Snapshot,
  directory: RepoPath,
  prefix: string,
  namespace: string,
): Reading<Objects> {
  const reading = readTree(snapshot, directory);
  if (reading.value === undefined) return reading;
  const { manifests, problems } = reading.value;
  const nameOf = (path: RepoPath) => prefix + path;
  return known({
    resources: manifests.map((manifest) => resourceOfManifest(manifest, { nameOf, namespace })),
    problems,
  });
}

function fileAt(
  snapshot: Snapshot,
  { repository, path }: Extract<NamespaceSpec['namespaceManifest'], { kind: 'file' }>,
): Reading<Objects> {
  const text = snapshot.files.get(path);
  if (text === undefined && snapshot.paths.has(path) && !snapshot.unreadable.has(path))
    return { needs: [path] };
  const stream = readYaml(text ?? '', path);
  if (!stream.ok) return known({ resources: [], problems: stream.problems });
  return known({
    resources: stream.value.documents.flatMap((document) =>
      resourcesOfDocument(document, `${repository}/${path}`, undefined),
    ),
    problems: [],
  });
}
