import { entryOf, inferNamespace } from '../fleet/infer.ts';
import type { NamespaceEntry } from '../fleet/schema.ts';
import type { BuiltCluster, OwnedObject, Repositories } from '../flux/build.ts';
import { objectsByNamespace } from '../flux/built-cluster.ts';
import { clusterEntries, clusterName } from '../flux/cluster-entries.ts';
import { repositoryKey } from '../flux/source-url.ts';
import { isApplication } from '../k8s/application.ts';
import { isIstioRelease } from '../mesh/installed-mesh.ts';
import { isLabelName } from '../model/kubernetes-name.ts';
import { listIn } from '../model/list-in.ts';

import type { ChartRequest } from '../model/charts.ts';
import type { Manifest } from '../model/manifest.ts';
import { valueAt } from '../model/json.ts';
import { keyOf } from '../model/key-of.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import type { Charts, Tree } from '../model/ports.ts';
import { distinct, success, type Outcome, type Problem } from '../model/problem.ts';
import { reservedFor } from '../model/reserved-namespaces.ts';
import { ChartAnswers } from './chart-answers.ts';
import { readCluster, type RepositoryStore } from './read-cluster.ts';
import { checkoutOf, readMissing, readUntil, type Checkout } from './read-until.ts';
import { movedRoot, openName, withoutServices, withoutWorkloads } from './scan-problems.ts';

/** A checkout on this machine. */
export interface LocalCheckout {
  readonly repository: RepositoryId;
  readonly tree: Tree;
}

/** A cluster that Git shows, in the environment it is taken for. */
interface ScannedCluster {
  readonly name: string;
  readonly environment: string;
  readonly repository: RepositoryId;
  readonly directory: RepoPath;
  readonly built: BuiltCluster;
}

/** Where a namespace was found: one row for each cluster and path. */
export interface ScannedNamespace {
  readonly namespace: string;
  readonly cluster: string;
  readonly repository: RepositoryId;
  readonly directory: RepoPath;
  readonly objects: number;
  /** Whether it is the path that the fleet file names. */
  readonly isTaken: boolean;
}

export interface ScannedFleet {
  readonly clusters: readonly ScannedCluster[];
  readonly namespaces: readonly NamespaceEntry[];
  readonly places: readonly ScannedNamespace[];
}

/** The clusters that some checkouts define, and their namespaces as Flux builds them.
 *  @param environments  their names, where they are known; a cluster whose path has one of them belongs to it
 *  @param charts  renders the charts of HelmReleases
 *  @returns no cluster, when no checkout has an entry of one */
export async function scanClusters(
  checkouts: readonly LocalCheckout[],
  environments: readonly string[],
  charts: Charts,
): Promise<Outcome<ScannedFleet>> {
  const clusters: ScannedCluster[] = [];
  const problems: Problem[] = [];
  const store = new LocalStore(checkouts, charts);
  for (const { repository, tree } of checkouts) {
    const found = await readUntil(checkoutOf(tree), clusterEntries);
    if (!found.ok) return found;
    for (const directory of found.value.value) {
      const built = await readCluster({ repository, directory }, store);
      const name = clusterName(directory);
      const environment = environments.find((each) => directory.split('/').includes(each)) ?? name;
      clusters.push({ name, environment, repository, directory, built });
      problems.push(...built.problems.map(asWarning), ...movedRoot(built, repository, directory, tree));
    }
  }
  const { namespaces, places, problems: more } = namespacesOf(clusters);
  return success({ clusters, namespaces, places }, distinct([...problems, ...more]));
}

/** What a build says stops no scan, and nothing of it is left out. */
function asWarning(problem: Problem): Problem {
  return problem.severity === 'error' ? { ...problem, severity: 'warning' } : problem;
}

/** Checkouts as clusters ask for them, each file read once. */
class LocalStore implements RepositoryStore {
  readonly repositories: Repositories;
  readonly #checkouts: Map<RepositoryId, Checkout>;
  readonly #refused = new Map<RepositoryId, string>();

  readonly #charts: ChartAnswers;

  constructor(checkouts: readonly LocalCheckout[], charts: Charts) {
    this.#charts = new ChartAnswers(charts);
    this.#checkouts = new Map(checkouts.map(({ repository, tree }) => [repository, checkoutOf(tree)]));
    const byKey = new Map(checkouts.map(({ repository }) => [repository.toLowerCase(), repository]));
    this.repositories = {
      repositoryOf: (url) => byKey.get(repositoryKey(url)?.split('/').slice(-2).join('/') ?? ''),
      snapshotOf: (repository) => {
        const found = this.#checkouts.get(repository);
        if (found === undefined) return 'there is no checkout of it';
        return this.#refused.get(repository) ?? { snapshot: found.snapshot, branch: undefined };
      },
      chartOf: (request) => this.#charts.of(request),
    };
  }

  async render(requests: readonly ChartRequest[]): Promise<void> {
    await this.#charts.render(requests);
  }

  async open(repository: RepositoryId, paths: readonly RepoPath[]): Promise<void> {
    const found = this.#checkouts.get(repository);
    if (found === undefined) throw new Error(`${repository} is no checkout`);
    const more = await readMissing(found, paths);
    if (more.ok) this.#checkouts.set(repository, { ...found, snapshot: more.value });
    else this.#refused.set(repository, more.problems[0]?.message ?? 'its files can’t be read');
  }
}

interface Sighting {
  readonly cluster: ScannedCluster;
  readonly objects: readonly OwnedObject[];
}

function namespacesOf(clusters: readonly ScannedCluster[]): {
  readonly namespaces: readonly NamespaceEntry[];
  readonly places: readonly ScannedNamespace[];
  readonly problems: readonly Problem[];
} {
  const sightings = new Map<string, Sighting[]>();
  for (const cluster of clusters)
    for (const [namespace, objects] of objectsByNamespace(cluster.built))
      if (objects.some(({ manifest }) => isApplication(manifest)))
        listIn(sightings, namespace).push({ cluster, objects });
  const problems: Problem[] = [];
  const places: ScannedNamespace[] = [];
  const namespaces: NamespaceEntry[] = [];
  const leftOut: string[] = [];
  problems.push(
    ...withoutWorkloads(
      clusters.map(({ built }) => built),
      sightings,
    ),
  );
  for (const [namespace, seen] of [...sightings].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const isOfMesh = seen.every(({ objects }) =>
      objects
        .map(({ manifest }) => manifest)
        .filter(isApplication)
        .every(isIstioRelease),
    );
    if (isOfMesh || reservedFor(namespace, undefined) !== undefined) leftOut.push(namespace);
    else if (!isLabelName(namespace)) problems.push(openName(namespace, seen[0]?.objects ?? []));
    else {
      const found = entryFor(namespace, seen, clusters);
      namespaces.push(found.entry);
      places.push(...found.places);
      problems.push(...found.problems);
    }
  }
  if (leftOut.length > 0)
    problems.push({
      rule: 'scan-reserved-namespace',
      severity: 'info',
      message: `Skipped, because they hold the mesh, Flux or Kubernetes itself, not an application: ${leftOut.join(', ')}.`,
    });
  return { namespaces, places, problems };
}

function entryFor(
  namespace: string,
  seen: readonly Sighting[],
  clusters: readonly ScannedCluster[],
): {
  readonly entry: NamespaceEntry;
  readonly places: readonly ScannedNamespace[];
  readonly problems: readonly Problem[];
} {
  const places = seen.flatMap((sighting) => placesOf(namespace, sighting));
  const main = seen.flatMap(({ cluster }) =>
    mostOf(places.filter((place) => place.cluster === cluster.name)),
  );
  const texts = [...new Set(main.map((place) => withPlaceholders(place.directory, place.cluster, clusters)))];
  const [path = ''] = texts;
  const [repository = main[0]?.repository ?? ''] = [...new Set(main.map((place) => place.repository))];
  const textOf = (place: ScannedNamespace) => withPlaceholders(place.directory, place.cluster, clusters);
  const others = otherPaths(
    seen.map(({ cluster }) =>
      places.filter((place) => place.cluster === cluster.name && place.repository === repository).map(textOf),
    ),
  ).filter((text) => text !== path);
  const isTaken = (place: ScannedNamespace) =>
    place.repository === repository && [path, ...others].includes(textOf(place));
  const marked = places.map((place) => ({ ...place, isTaken: isTaken(place) }));
  const objects = seen[0]?.objects ?? [];
  const inferred = inferNamespace({
    directory: path as RepoPath,
    kustomization: undefined,
    manifests: objects.map(({ manifest }) => manifest),
    reads: new Set(),
    problems: [],
  });
  const all = [...new Set(clusters.map(({ environment }) => environment))];
  const here = all.filter((each) => seen.some(({ cluster }) => cluster.environment === each));
  const problems: Problem[] = marked
    .filter((place) => !place.isTaken)
    .map((place) => ({
      rule: 'scan-several-directories',
      severity: 'warning',
      message: `Namespace "${namespace}" is built from ${repository} ${path}, and on ${place.cluster} from ${place.repository} ${place.directory} too (${String(place.objects)} ${place.objects === 1 ? 'object' : 'objects'}); the fleet file does not name that.`,
      fix: elsewhereFix(place, repository),
      file: place.directory,
    }));
  // Of a chart that could not be rendered, its own problem says what to declare.
  const isSaid = seen.some(({ cluster }) =>
    cluster.built.builds.some(
      ({ release, state }) => release?.releaseNamespace === namespace && state !== 'built',
    ),
  );
  if (inferred.services.length === 0 && !isSaid) problems.push(withoutServices(namespace, objects));
  const manifest = manifestOf(namespace, seen, repository, main[0]?.directory);
  return {
    entry: entryOf({
      name: namespace,
      repository,
      path,
      ...(others.length > 0 && { otherPaths: [...others] }),
      ...(here.length < all.length && { environments: here }),
      ...(manifest !== undefined && { namespaceManifest: manifest }),
      ...(inferred.usesKubernetesApi && { kubernetesApi: true }),
      services: [...inferred.services],
      external: inferred.external.map((host) => ({ host })),
    }),
    places: marked,
    problems,
  };
}

/** What a person does about a path that is not in the bundle. */
function elsewhereFix(place: ScannedNamespace, repository: string): string {
  return place.repository === repository
    ? 'Add it to otherPaths in fleet.yaml where every cluster of the namespace builds it; else restart its pods by hand once the namespace has joined.'
    : `Once the namespace has joined, restart its pods by a change in ${place.repository}, such as an annotation of their template.`;
}

/** The paths that every cluster builds a namespace from: what one of them alone has is nothing that a fleet file can say. */
function otherPaths(onClusters: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...rest] = onClusters;
  return [...new Set(first)].filter((text) => rest.every((texts) => texts.includes(text))).sort();
}

/** The paths that a namespace's objects come from on one cluster. */
function placesOf(namespace: string, { cluster, objects }: Sighting): readonly ScannedNamespace[] {
  const found = new Map<string, ScannedNamespace>();
  for (const { build } of objects.filter(({ manifest }) => isApplication(manifest))) {
    const { repository, directory } = build;
    if (repository === undefined || directory === undefined) continue;
    const key = keyOf(repository, directory);
    const known = found.get(key);
    found.set(key, {
      namespace,
      cluster: cluster.name,
      repository,
      directory,
      objects: (known?.objects ?? 0) + 1,
      isTaken: false,
    });
  }
  return [...found.values()];
}

function mostOf(places: readonly ScannedNamespace[]): readonly ScannedNamespace[] {
  const [most] = [...places].sort((one, other) => other.objects - one.objects);
  return most === undefined ? [] : [most];
}

/** A path with the name of its cluster or environment as a placeholder. */
function withPlaceholders(directory: RepoPath, cluster: string, clusters: readonly ScannedCluster[]): string {
  const environment = clusters.find(({ name }) => name === cluster)?.environment;
  return directory
    .split('/')
    .map((part) => (part === environment ? '{environment}' : part === cluster ? '{cluster}' : part))
    .join('/');
}

/** Whether Helm makes the namespace of a release: then a manifest may be added, since Helm leaves one that exists alone. */
function createsNamespace({ group, kind, built }: Manifest): boolean {
  return (
    group === 'helm.toolkit.fluxcd.io' &&
    kind === 'HelmRelease' &&
    valueAt(built, 'spec', 'install', 'createNamespace') === true
  );
}

/** Where the Namespace manifest is, when it is not where the application is. */
function manifestOf(
  namespace: string,
  seen: readonly Sighting[],
  repository: string,
  directory: RepoPath | undefined,
): NamespaceEntry['namespaceManifest'] {
  const objects = seen[0]?.objects ?? [];
  const isOfPath = ({ build }: OwnedObject) =>
    build.repository === repository && build.directory === directory;
  const found = objects.find(
    ({ manifest: { group, kind, builtName } }) =>
      group === '' && kind === 'Namespace' && builtName === namespace,
  );
  if (found === undefined) {
    // What was not read may have the manifest; a second one would fight with it.
    const isWhole = seen.every(({ cluster }) =>
      cluster.built.builds.every(({ state, release }) => state === 'built' || release !== undefined),
    );
    const isMadeByHelm = objects.some((each) => isOfPath(each) && createsNamespace(each.manifest));
    return isWhole && isMadeByHelm ? 'create' : 'external';
  }
  return isOfPath(found) ? undefined : { repository: found.repository, path: found.manifest.file };
}
