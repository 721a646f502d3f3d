import { effectiveNamespace } from '../k8s/effective-namespace.ts';
import type { Variables } from '../k8s/substitution.ts';
import { readTree } from '../kustomize/read-tree.ts';
import { keyOf } from '../model/key-of.ts';
import { listIn } from '../model/list-in.ts';
import type { FileLocation, Manifest } from '../model/manifest.ts';
import type { RepoPath, RepositoryId } from '../model/named.ts';
import { pathsBelow } from '../model/paths.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { applied } from './applied.ts';
import {
  fluxKustomization,
  gitReference,
  isSource,
  sourceKey,
  sourceKeyOf,
  type BuiltObject,
  type FluxKustomization,
} from './flux-object.ts';
import { filledIn, variablesOf } from './variables.ts';

/** What Flux makes of one path: objects as they are applied. */
interface Build {
  /** `flux-system/apps`; empty for the entry, when no Kustomization in Git builds it. */
  readonly id: string;
  readonly kustomization: FluxKustomization | undefined;
  /** Where its path is; undefined: its source is not known. */
  readonly repository: RepositoryId | undefined;
  readonly directory: RepoPath | undefined;
  /** `frozen`: suspended, so that the cluster keeps what it had. `failed`: Flux refuses it, and the cluster keeps what it had.
   *  `unknown`: what it builds could not be read. */
  readonly state: 'built' | 'frozen' | 'failed' | 'unknown';
  /** Why it is not simply built. */
  readonly why: string | undefined;
  readonly objects: readonly BuiltObject[];
  /** Every file of `repository` that the build reads. */
  readonly reads: ReadonlySet<RepoPath>;
  readonly variables: Variables;
  readonly problems: readonly Problem[];
}

/** All that a cluster gets from Git through Flux, as far as Git shows it. */
export interface BuiltCluster {
  readonly builds: readonly Build[];
  readonly problems: readonly Problem[];
}

/** Where a cluster begins: the directory that its root Kustomization builds. */
export interface ClusterEntry {
  readonly repository: RepositoryId;
  readonly directory: RepoPath;
}

/** The repositories of a forge, as far as they are read. */
export interface Repositories {
  /** The repository that a Git URL means; undefined: none of this forge. */
  repositoryOf(url: string): RepositoryId | undefined;
  /** A repository as it is read; a text: why it can't be read; undefined: it was not opened yet. */
  snapshotOf(repository: RepositoryId): RepositoryAt | string | undefined;
}

/** A repository at one revision. */
interface RepositoryAt {
  readonly snapshot: Snapshot;
  /** The branch that is read; undefined: a checkout, which shows whatever people checked out. */
  readonly branch: string | undefined;
}

/** A cluster, or what must be read first: files of repositories, and repositories that were not opened. */
export type ClusterReading =
  | { readonly value: BuiltCluster; readonly needs?: never }
  | { readonly value?: never; readonly needs: ReadonlyMap<RepositoryId, readonly RepoPath[]> };

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
    if (isSettled || round > maxRounds || next.length > maxBuilds) {
      return {
        value: {
          builds: next,
          problems: [
            ...next.flatMap((build) => build.problems),
            ...twoOwners(next),
            ...(isSettled ? [] : [notSettled(entry)]),
          ],
        },
      };
    }
    builds = next;
  }
}

class ClusterMaker {
  readonly needs = new Map<RepositoryId, RepoPath[]>();
  readonly #entry: ClusterEntry;
  readonly #repositories: Repositories;
  /** What was built of the same definition, variables and texts. */
  readonly #known = new Map<string, Build>();

  constructor(entry: ClusterEntry, repositories: Repositories) {
    this.#entry = entry;
    this.#repositories = repositories;
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
    const builds = [...found.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
    return hasRoot ? builds : [this.#root(), ...builds];
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
      const where = this.#locate(kustomization, from);
      if (typeof where === 'string') return unbuilt(empty, 'unknown', where);
      const { isAssumed, ...place } = where;
      const build = this.#builtFrom({ ...empty, ...place });
      return isAssumed === true
        ? { ...build, problems: [...build.problems, assumed(kustomization, place.repository)] }
        : build;
    });
  }

  #once(key: string, make: () => Build): Build {
    const build = this.#known.get(key) ?? make();
    this.#known.set(key, build);
    return build;
  }

  /** Where the path of a Kustomization is, or why that is not known. */
  #locate(
    { source, path }: FluxKustomization,
    from: BuiltObject | undefined,
  ): { readonly repository: RepositoryId; readonly directory: RepoPath; readonly isAssumed?: true } | string {
    const name = `${source.kind} ${source.namespace}/${source.name}`;
    if (path === undefined) return 'its path leads out of its source';
    const reference = from === undefined ? undefined : gitReference(from);
    if (from === undefined) {
      // The source that the cluster itself comes from is often made by whoever installed Flux, and is not in Git.
      const own = this.#repositories.snapshotOf(this.#entry.repository);
      const isHere = typeof own === 'object' && pathsBelow(own.snapshot.paths, path).length > 0;
      if (name === 'GitRepository flux-system/flux-system' && isHere)
        return { repository: this.#entry.repository, directory: path, isAssumed: true };
      return `nothing in Git defines its source, ${name}`;
    }
    if (reference === undefined)
      return source.kind === 'GitRepository'
        ? `its source, ${name}, has no URL`
        : `its source, ${name}, is no Git repository, and Git does not show what was pushed there`;
    const repository = this.#repositories.repositoryOf(reference.url);
    if (repository === undefined)
      return `its source, ${name}, is not a repository of this forge: ${reference.url}`;
    const read = this.#repositories.snapshotOf(repository);
    if (typeof read === 'string') return `${repository} can't be read: ${read}`;
    if (read?.branch !== undefined && reference.branch !== read.branch)
      return `its source, ${name}, takes ${reference.described} of ${repository}, and what is read is branch ${read.branch}`;
    return { repository, directory: path };
  }

  #builtFrom(wanted: Pick<Build, 'id' | 'variables'> & Located): Build {
    const { repository, directory, kustomization } = wanted;
    const read = this.#repositories.snapshotOf(repository);
    if (read === undefined || typeof read === 'string') {
      if (read === undefined) listIn(this.needs, repository);
      return unbuilt(wanted, 'unknown', read ?? `${repository} was not opened`);
    }
    if (directory !== '' && pathsBelow(read.snapshot.paths, directory).length === 0)
      return unbuilt(wanted, 'failed', `${repository} has no directory ${directory}`);
    const overlay =
      kustomization === undefined
        ? undefined
        : {
            spec: kustomization.spec,
            placeOf: (path: readonly (string | number)[]) => placeOfSpec(kustomization, path),
          };
    const reading = readTree(read.snapshot, directory, overlay);
    if (reading.value === undefined) {
      listIn(this.needs, repository).push(...reading.needs);
      return unbuilt(wanted, 'unknown', 'its files were not read');
    }
    const tree = reading.value;
    const filled =
      kustomization === undefined
        ? { manifests: tree.manifests, problems: [] }
        : filledIn(kustomization.manifest, tree.manifests, wanted.variables);
    const problems = [
      ...tree.problems.map((each) => ({ ...each, repository })),
      ...filled.problems.map((each) => ({ ...each, repository })),
    ];
    const isFailed = hasErrors(problems);
    const result = applied(filled.manifests, kustomization, repository);
    return {
      ...wanted,
      kustomization,
      state: isFailed ? 'failed' : 'built',
      why: isFailed ? 'it does not build' : undefined,
      objects: result.manifests.map((manifest) => ({ repository, manifest })),
      reads: tree.reads,
      problems: [...problems, ...result.problems],
    };
  }
}

interface Located {
  readonly repository: RepositoryId;
  readonly directory: RepoPath;
  readonly kustomization?: FluxKustomization | undefined;
}

function placeOfSpec({ manifest }: FluxKustomization, path: readonly (string | number)[]): FileLocation {
  return manifest.locationOf(['spec', ...path]);
}

const said = {
  frozen: 'is not followed',
  failed: 'does not build',
  unknown: 'could not be read',
} as const;

const unbuiltKinds = {
  frozen: { rule: 'flux-suspended', fix: 'Resume it in Git; until then count on what it applied last.' },
  failed: { rule: 'flux-build-failed', fix: 'Correct its path or its source.' },
  unknown: {
    rule: 'flux-build-unknown',
    fix: 'Declare what depends on it in fleet.yaml, or give access to its source.',
  },
} as const;

function unbuilt(
  build: Pick<Build, 'id' | 'variables'> & Partial<Pick<Build, 'repository' | 'directory' | 'kustomization'>>,
  state: 'frozen' | 'unknown' | 'failed',
  why: string,
): Build {
  const { id, variables, kustomization, repository, directory } = build;
  const problem: Problem = {
    ...unbuiltKinds[state],
    severity: state === 'failed' ? 'error' : 'warning',
    message: `${id === '' ? 'The entry of the cluster' : `The Kustomization ${id}`} ${said[state]}: ${why}.`,
    ...(kustomization !== undefined && {
      repository: kustomization.repository,
      ...kustomization.manifest.locationOf(['spec']),
    }),
  };
  return {
    id,
    kustomization,
    repository,
    directory,
    state,
    why,
    objects: [],
    reads: new Set(),
    variables,
    problems: [problem],
  };
}

function assumed(kustomization: FluxKustomization, repository: RepositoryId): Problem {
  const { source } = kustomization;
  return {
    rule: 'flux-source-assumed',
    severity: 'info',
    message: `Nothing in Git defines ${source.kind} ${source.namespace}/${source.name}; it is taken for ${repository} itself, as flux bootstrap makes it.`,
    repository: kustomization.repository,
    ...kustomization.manifest.locationOf(['spec', 'sourceRef']),
  };
}

function print(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value);
}

/** Objects that two Kustomizations apply: each takes it back from the other. */
function twoOwners(builds: readonly Build[]): readonly Problem[] {
  const owners = new Map<string, { readonly build: Build; readonly object: BuiltObject }>();
  const problems: Problem[] = [];
  for (const build of builds)
    for (const object of build.objects) {
      const { manifest } = object;
      const key = keyOf(manifest.group, manifest.kind, manifest.builtNamespace, manifest.builtName);
      const first = owners.get(key);
      if (first === undefined) owners.set(key, { build, object });
      else if (first.build !== build)
        problems.push({
          rule: 'flux-two-owners',
          severity: 'warning',
          message: `${manifest.kind} ${manifest.builtName} is built by ${nameOf(first.build)} and by ${nameOf(build)}: each undoes what the other says of it.`,
          fix: 'Let one of them build it.',
          repository: object.repository,
          ...manifest.locationOf(['metadata', 'name']),
        });
    }
  return problems;
}

function nameOf({ id }: Build): string {
  return id === '' ? 'the entry of the cluster' : `the Kustomization ${id}`;
}

function notSettled({ repository, directory }: ClusterEntry): Problem {
  return {
    rule: 'flux-not-settled',
    severity: 'error',
    message: `The Kustomizations below ${directory || 'the root'} build each other without end; they were not followed any further.`,
    fix: 'Look for Kustomizations that change or make themselves.',
    repository,
    file: directory,
  };
}

/** What a namespace's objects are, and who builds them: objects by their final namespace. */
export function objectsByNamespace({ builds }: BuiltCluster): ReadonlyMap<string, readonly OwnedObject[]> {
  const found = new Map<string, OwnedObject[]>();
  for (const build of builds)
    for (const object of build.objects) {
      const namespace = effectiveNamespace(object.manifest);
      if (namespace !== undefined) listIn(found, namespace).push({ ...object, build });
    }
  return found;
}

/** An object with the build that owns it. */
export interface OwnedObject extends BuiltObject {
  readonly build: Build;
}
