import { keyOf } from '../model/key-of.ts';
import type { Resource } from '../model/resource.ts';
import { listIn } from '../model/list-in.ts';

/** Objects that are applied together: what one kustomization builds, or the loose manifests of one folder. */
export interface FolderBuild {
  /** The folder, as the user sees it. */
  readonly directory: string;
  /** Environment it is known to be for; undefined: its path decides. */
  readonly environment: string | undefined;
  readonly resources: readonly Resource[];
}

/** Builds that can be on the same cluster. */
export interface PossibleCluster {
  /** What distinguishes it from the others: `prod`; empty if there is only one. */
  readonly name: string;
  readonly builds: readonly FolderBuild[];
  /** Whether what it shares with others was left out, so that nothing can be reported as missing. */
  readonly isPartial: boolean;
}

/** Puts builds together that can be on one cluster. Two builds with an object of the same name are alternatives: overlays
 *  of several environments, or samples to choose from. Those whose paths differ in the same word (`lab`, `prod`) belong
 *  together, and what has no alternative belongs to all.
 *  Test data of programs is installed nowhere: each such build is a cluster by itself.
 *  @returns at least one cluster; together they hold some twenty times the objects at most, and what has more alternatives
 *    is looked at without what they share */
export function possibleClusters(builds: readonly FolderBuild[]): readonly PossibleCluster[] {
  const groups = new Map<string, FolderBuild[]>();
  for (const build of builds) listIn(groups, isTestData(build.directory) ? build.directory : '').push(build);
  return groups.size === 0 ? clustersAmong([]) : [...groups.values()].flatMap(clustersAmong);
}

/** Whether a path is that of what a program is tested with, by Go's own name for it or a like one. */
export function isTestData(path: string): boolean {
  return /(?:^|\/)(?:testdata|test-data|test_data|fixtures)(?:\/|$)/.test(path);
}

function clustersAmong(builds: readonly FolderBuild[]): readonly PossibleCluster[] {
  const identities = new Map(builds.map((build) => [build, identitiesOf(build)]));
  const variants = variantsOf(builds, identities);
  const names = [...new Set(variants.values())].sort();
  const [shared = [], ...alternatives] = layersOf(
    builds.filter((build) => !variants.has(build)),
    identities,
  );
  const named = (names.length === 0 ? [''] : names).flatMap((name) =>
    layersOf(
      builds.filter((build) => variants.get(build) === name),
      identities,
    ).map((own, index) => ({ name: index === 0 ? name : `${name}+${String(index + 1)}`, own })),
  );
  const base = [...shared, ...(named[0]?.own ?? [])];
  const others = alternatives.map((own, index) => ({
    name: `${names[0] ?? ''}+${String(index + 2)}`,
    own,
  }));
  let left = 16 * sizeOf(builds) + 20_000;
  return [
    ...named.map((each) => ({ ...each, around: shared })),
    ...others.map((each) => ({ ...each, around: base })),
  ].map(({ name, own, around }) => {
    left -= sizeOf(around);
    if (left < 0) return { name, builds: own, isPartial: true };
    const taken = new Set(own.flatMap((build) => [...(identities.get(build) ?? [])]));
    const fitting = around.filter(
      (build) => ![...(identities.get(build) ?? [])].some((each) => taken.has(each)),
    );
    const all = new Set([...fitting, ...own]);
    return { name, builds: builds.filter((build) => all.has(build)), isPartial: false };
  });
}

function sizeOf(builds: readonly FolderBuild[]): number {
  return builds.reduce((sum, { resources }) => sum + resources.length, 0);
}

function identitiesOf({ resources }: FolderBuild): ReadonlySet<string> {
  return new Set(
    resources.flatMap(({ known, namespace, name }) =>
      known === undefined || known === 'Namespace' ? [] : [keyOf(known, namespace, name)],
    ),
  );
}

type Identities = ReadonlyMap<FolderBuild, ReadonlySet<string>>;

/** The word of its path that tells each build from its alternatives. */
function variantsOf(
  builds: readonly FolderBuild[],
  identities: Identities,
): ReadonlyMap<FolderBuild, string> {
  const owners = new Map<string, FolderBuild>();
  const words = new Set<string>();
  for (const build of builds) {
    if (build.environment !== undefined) words.add(build.environment);
    for (const identity of identities.get(build) ?? []) {
      const owner = owners.get(identity);
      if (owner === undefined) owners.set(identity, build);
      else for (const word of differingWords(owner.directory, build.directory)) words.add(word);
    }
  }
  const found = new Map<FolderBuild, string>();
  for (const build of builds) {
    const word = build.environment ?? build.directory.split('/').findLast((part) => words.has(part));
    if (word !== undefined) found.set(build, word);
  }
  return found;
}

/** Of `apps/shop/lab` and `apps/shop/prod`: lab and prod. Paths of other shapes, and files of one folder, say nothing. */
function differingWords(one: string, other: string): readonly string[] {
  const [first, second] = [one.split('/'), other.split('/')];
  if (first.length !== second.length) return [];
  const at = first.flatMap((part, index) => (part === second[index] ? [] : [index]));
  const [index, ...more] = at;
  if (index === undefined || more.length > 0) return [];
  const words = [first[index] ?? '', second[index] ?? ''];
  return words.some((word) => /\.ya?ml$/.test(word)) ? [] : words;
}

/** Builds that fit together, then those that have an alternative among them, then those with a second one, and so on. */
function layersOf(
  builds: readonly FolderBuild[],
  identities: Identities,
): readonly (readonly FolderBuild[])[] {
  const depths = new Map<string, number>();
  const layers: FolderBuild[][] = [[]];
  for (const build of builds) {
    const own = identities.get(build) ?? new Set();
    let depth = 0;
    for (const identity of own) depth = Math.max(depth, depths.get(identity) ?? 0);
    for (const identity of own) depths.set(identity, depth + 1);
    (layers[depth] ??= []).push(build);
  }
  return layers;
}
