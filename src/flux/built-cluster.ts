import { effectiveNamespace } from '../k8s/effective-namespace.ts';
import type { Variables } from '../k8s/substitution.ts';
import { readTree } from '../kustomize/read-tree.ts';
import { valueAt, type JsonObject } from '../model/json.ts';
import { keyOf } from '../model/key-of.ts';
import type { ChartRequest } from '../model/charts.ts';
import { listIn } from '../model/list-in.ts';
import type { FileLocation, Manifest } from '../model/manifest.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import { pathsBelow } from '../model/paths.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import { applied } from './applied.ts';
import type {
  Build,
  BuiltCluster,
  ClusterEntry,
  ClusterReading,
  OwnedObject,
  Repositories,
} from './build.ts';
import { assumed, notSettled, twoOwners, unbuilt } from './build-problems.ts';
import {
  fluxKustomization,
  gitReference,
  isSource,
  sourceKey,
  sourceKeyOf,
  type BuiltObject,
  type FluxKustomization,
} from './flux-object.ts';
import { ReleaseMaker } from './release-maker.ts';
import { buildKey, recallBuild, rememberBuild } from './remembered-builds.ts';
import { hiddenPart, sourceView } from './source-view.ts';
import { filledIn, variablesOf } from './variables.ts';

/** More Kustomizations than any cluster has; they may build each other without end. */
const maxBuilds = 4000;
/** Each round can only change what depends on what the round before found. */
const maxRounds = 64;

/** The cluster as Flux builds it from its entry: top down, since a Kustomization exists only when a parent's build holds it,
 *  and again until nothing changes any more, since a ConfigMap with variables may come from anywhere.
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/ */
export function builtCluster(entry: ClusterEntry, repositories: Repositories): ClusterReading {
  const maker = new ClusterMaker(entry, repositories);
  let builds = maker.round([]);
  for (let round = 1; ; round++) {
    if (maker.needs.size > 0) return { needs: maker.needs };
    const next = maker.round(builds);
    const isSettled = next.length === builds.length && next.every((build, at) => build === builds[at]);
    // Charts are rendered with what everything else is in the end.
    if (isSettled && maker.needs.size === 0 && maker.charts.length > 0)
      return { needs: maker.needs, charts: maker.charts };
    if (isSettled || round > maxRounds || next.length > maxBuilds)
      return { value: clusterOf(next, isSettled ? [] : [notSettled(entry)]) };
    builds = next;
  }
}

/** The same cluster once some files of one repository are others: what is built of it is built again, and all of the cluster
 *  only when that changes what Flux builds.
 *  @param before  of the same entry and repositories, but for that one */
export function builtAgain(
  entry: ClusterEntry,
  before: BuiltCluster,
  repositories: Repositories,
  repository: RepositoryId,
): ClusterReading {
  // A chart is rendered from more than its own files.
  if (before.builds.some(({ release }) => release !== undefined)) return builtCluster(entry, repositories);
  const maker = new ClusterMaker(entry, repositories);
  const builds = before.builds.map((build) =>
    build.repository === repository && build.reads.size > 0 ? maker.again(build) : build,
  );
  if (maker.needs.size > 0) return { needs: maker.needs };
  const isSteered = builds.some((build, at) => steering(build) !== steering(before.builds[at]));
  return isSteered ? builtCluster(entry, repositories) : { value: clusterOf(builds, []) };
}

/** What all builds together give rise to is found when it is asked for. */
function clusterOf(builds: readonly Build[], more: readonly Problem[]): BuiltCluster {
  let problems: readonly Problem[] | undefined;
  return {
    builds,
    get problems() {
      problems ??= [...builds.flatMap((build) => build.problems), ...twoOwners(builds), ...more];
      return problems;
    },
  };
}

const steerings = new WeakMap<Build, string>();

/** What a build holds that decides what else is built: Flux' own objects, and what may set variables. */
function steering(build: Build | undefined): string {
  if (build === undefined) return '';
  const found =
    steerings.get(build) ??
    print(
      build.objects
        .filter(
          ({ manifest: { group, kind } }) =>
            group.endsWith('.toolkit.fluxcd.io') ||
            (group === '' && (kind === 'ConfigMap' || kind === 'Secret')),
        )
        .map(({ manifest }) => manifest.built),
    );
  steerings.set(build, found);
  return found;
}

class ClusterMaker {
  readonly needs = new Map<RepositoryId, RepoPath[]>();
  readonly #entry: ClusterEntry;
  readonly #repositories: Repositories;
  /** What was built of the same definition, variables and texts. */
  readonly #known = new Map<string, Build>();
  readonly #releases: ReleaseMaker;

  constructor(entry: ClusterEntry, repositories: Repositories) {
    this.#entry = entry;
    this.#repositories = repositories;
    const locate = (wanted: WantedBuild, from: BuiltObject | undefined) => this.#locate(wanted, from);
    this.#releases = new ReleaseMaker(entry, repositories, locate, this.needs);
  }

  get charts(): readonly ChartRequest[] {
    return [...this.#releases.charts.values()];
  }

  /** Builds everything that the objects of the round before define. */
  round(before: readonly Build[]): readonly Build[] {
    const objects = before.flatMap((build) => build.objects);
    const sources = new Map(objects.filter(isSource).map((each) => [sourceKeyOf(each), each]));
    const manifests = objects.map(({ manifest }) => manifest);
    const found = new Map<string, Build>();
    let hasRoot = false;
    for (const object of objects) {
      const kustomization = fluxKustomization(object);
      if (kustomization === undefined) continue;
      const id = `${kustomization.namespace}/${kustomization.name}`;
      if (found.has(id)) continue;
      const build = this.#build(id, kustomization, sources, manifests);
      found.set(id, build);
      hasRoot ||= build.repository === this.#entry.repository && build.directory === this.#entry.directory;
      if (found.size > maxBuilds) break;
    }
    const builds = [...found.values(), ...this.#releases.builds(before, sources, manifests)].sort(
      (one, other) => (one.id < other.id ? -1 : 1),
    );
    return hasRoot ? builds : [this.#root(), ...builds];
  }

  /** A build of other texts. */
  again({ id, kustomization, variables, repository, directory, source }: Build): Build {
    if (repository === undefined || directory === undefined) throw new Error(`${id} is nowhere`);
    return this.#builtFrom({ id, kustomization, variables, repository, directory }, source);
  }

  #root(): Build {
    const { repository, directory } = this.#entry;
    const variables: Variables = { known: new Map(), isWhole: true };
    return this.#once(keyOf(''), () => this.#builtFrom({ id: '', repository, directory, variables }));
  }

  #build(
    id: string,
    kustomization: FluxKustomization,
    sources: ReadonlyMap<string, BuiltObject>,
    manifests: readonly Manifest[],
  ): Build {
    const { manifest, source, path } = kustomization;
    const variables = variablesOf(manifest, manifests);
    const from = sources.get(sourceKey(source));
    const key = keyOf(
      id,
      print(manifest.built),
      print(from?.manifest.built),
      print([...variables.known]),
      variables.isWhole,
    );
    return this.#once(key, () => {
      const empty = { id, kustomization, variables, repository: undefined, directory: path };
      if (kustomization.isSuspended)
        return unbuilt(empty, 'frozen', 'it is suspended, so the cluster keeps what it had before');
      if (valueAt(from?.manifest.built, 'spec', 'suspend') === true)
        return unbuilt(
          empty,
          'frozen',
          'its source is suspended, so the cluster keeps the revision that it had',
        );
      const own = sources.get(sourceKey({ ...ownSource(this.#entry), namespace: 'flux-system' }));
      const where = this.#locate(kustomization, from, own);
      if (typeof where === 'string') return unbuilt(empty, 'unknown', where);
      const { isAssumed, ...place } = where;
      const build = this.#builtFrom({ ...empty, ...place }, from?.manifest.built);
      return isAssumed === true ? withProblem(build, assumed(kustomization, place.repository)) : build;
    });
  }

  #once(key: string, make: () => Build): Build {
    const build = this.#known.get(key) ?? make();
    this.#known.set(key, build);
    return build;
  }

  /** Where the path of a Kustomization is, or why that is not known. */
  #locate(
    { source, path }: WantedBuild,
    from: BuiltObject | undefined,
    own?: BuiltObject,
  ): { readonly repository: RepositoryId; readonly directory: RepoPath; readonly isAssumed?: true } | string {
    const name = `${source.kind} ${source.namespace}/${source.name}`;
    const reference = from === undefined ? undefined : gitReference(from);
    const { repository: home } = this.#entry;
    const ofEntry = ownSource(this.#entry);
    const isOwn =
      source.kind === ofEntry.kind && source.name === ofEntry.name && source.namespace === 'flux-system';
    // An artifact does not say what was pushed there; of the cluster's own, whoever wrote the fleet does.
    if (isOwn && from !== undefined && ofEntry.kind !== 'GitRepository')
      return { repository: home, directory: path };
    if (from === undefined) {
      // The source that the cluster itself comes from is often made by whoever installed Flux, and is not in Git.
      const read = this.#repositories.snapshotOf(home);
      const isHere = typeof read === 'object' && pathsBelow(read.snapshot.paths, path).length > 0;
      return isOwn && isHere
        ? { repository: home, directory: path, isAssumed: true }
        : `nothing in Git defines its source, ${name}`;
    }
    if (reference === undefined)
      return source.kind === 'GitRepository'
        ? `its source, ${name}, has no URL`
        : `its source, ${name}, is not a Git repository, so Git does not show what was pushed there`;
    const repository = this.#repositories.repositoryOf(reference.url) ?? (isOwn ? home : undefined);
    if (repository === undefined)
      return `its source, ${name}, is not a repository of this forge: ${reference.url}`;
    const read = this.#repositories.snapshotOf(repository);
    if (typeof read === 'string') return `${repository} can't be read: ${read}`;
    if (read?.branch !== undefined && reference.branch !== read.branch)
      return `its source, ${name}, takes ${reference.described} of ${repository}, and what is read is branch ${read.branch}`;
    // A checkout shows one branch: that of the cluster's own source, when it is of the same repository.
    const shown = own === undefined ? undefined : gitReference(own);
    if (
      read?.branch === undefined &&
      repository === home &&
      shown?.branch !== undefined &&
      reference.branch !== shown.branch
    )
      return `its source, ${name}, takes ${reference.described} of ${repository}, and the cluster is read from ${shown.described}`;
    return { repository, directory: path };
  }

  /** @param source  the source of the path as built; undefined: Git does not show it */
  #builtFrom(wanted: Pick<Build, 'id' | 'variables'> & BuildLocation, source?: JsonObject): Build {
    const { repository, directory, kustomization } = wanted;
    const read = this.#repositories.snapshotOf(repository);
    if (read === undefined || typeof read === 'string') {
      if (read === undefined) listIn(this.needs, repository);
      return unbuilt(wanted, 'unknown', read ?? `${repository} was not opened`);
    }
    const viewing = sourceView(read.snapshot, source);
    if (viewing.value === undefined) return this.#unread(wanted, viewing.needs);
    const { snapshot, hasRules } = viewing.value;
    const hidden = hiddenPart(read.snapshot, directory, source);
    if (hidden !== undefined) return unbuilt(wanted, 'unknown', hidden);
    if (directory !== '' && pathsBelow(snapshot.paths, directory).length === 0)
      return unbuilt(wanted, 'failed', missingDirectory(wanted, read.snapshot.paths));
    const key = buildKey(wanted, source);
    const before = recallBuild(kustomization?.manifest, key, snapshot);
    if (before !== undefined) return before;
    const overlay =
      kustomization === undefined
        ? undefined
        : {
            spec: kustomization.spec,
            hasRules,
            placeOf: (path: readonly (string | number)[]) => placeOfSpec(kustomization, path),
          };
    const reading = readTree(snapshot, directory, overlay);
    if (reading.value === undefined) return this.#unread(wanted, reading.needs);
    const tree = reading.value;
    const filled =
      kustomization === undefined
        ? { manifests: tree.manifests, problems: [] }
        : filledIn(kustomization.manifest, tree.manifests, wanted.variables);
    const result = applied(filled.manifests, kustomization, repository);
    const problems = [
      ...[...tree.problems, ...filled.problems].map((each) => ({ ...each, repository })),
      ...result.problems,
    ];
    const isFailed = hasErrors(problems);
    const build: Build = {
      ...wanted,
      kustomization,
      source,
      state: isFailed ? 'failed' : 'built',
      why: isFailed ? 'it does not build' : undefined,
      objects: result.manifests.map((manifest) => ({ repository, manifest })),
      reads: tree.reads,
      problems,
    };
    rememberBuild(key, snapshot, build);
    return build;
  }

  #unread(wanted: Pick<Build, 'id' | 'variables'> & BuildLocation, needs: readonly RepoPath[]): Build {
    listIn(this.needs, wanted.repository).push(...needs);
    return unbuilt(wanted, 'unknown', 'its files were not read');
  }
}

/** The source that stands for the repository of the entry. */
function ownSource({ source }: ClusterEntry): { readonly kind: string; readonly name: string } {
  return source ?? { kind: 'GitRepository', name: 'flux-system' };
}

/** Builds with what is said of how their source was found: the very same object for the same build. */
const assumedBuilds = new WeakMap<Build, Build>();

function withProblem(build: Build, problem: Problem): Build {
  const known = assumedBuilds.get(build) ?? { ...build, problems: [...build.problems, problem] };
  assumedBuilds.set(build, known);
  return known;
}

function missingDirectory({ repository, directory }: BuildLocation, all: ReadonlySet<RepoPath>): string {
  return pathsBelow(all, directory).length === 0
    ? `${repository} has no directory ${directory}`
    : `the source leaves out all of ${directory} in ${repository}`;
}

/** A path of a source. */
type WantedBuild = Pick<FluxKustomization, 'source' | 'path'>;

interface BuildLocation {
  readonly repository: RepositoryId;
  readonly directory: RepoPath;
  readonly kustomization?: FluxKustomization | undefined;
}

function placeOfSpec({ manifest }: FluxKustomization, path: readonly (string | number)[]): FileLocation {
  return manifest.locationOf(['spec', ...path]);
}

function print(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value);
}

const byNamespace = new WeakMap<BuiltCluster, ReadonlyMap<string, readonly OwnedObject[]>>();

/** What a namespace's objects are, and who builds them: objects by their final namespace. */
export function objectsByNamespace(cluster: BuiltCluster): ReadonlyMap<string, readonly OwnedObject[]> {
  const known = byNamespace.get(cluster);
  if (known !== undefined) return known;
  const found = new Map<string, OwnedObject[]>();
  for (const build of cluster.builds)
    for (const object of build.objects) {
      const namespace = effectiveNamespace(object.manifest);
      if (namespace !== undefined) listIn(found, namespace).push({ ...object, build });
    }
  byNamespace.set(cluster, found);
  return found;
}
