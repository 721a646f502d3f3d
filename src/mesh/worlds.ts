import type { Resource } from '../model/resource.ts';

/** Objects that are applied together: what one kustomization builds, or the loose manifests of one folder. */
export interface Build {
  /** The folder, as the user sees it. */
  readonly directory: string;
  /** Environment it is known to be for; undefined: its path decides. */
  readonly environment: string | undefined;
  readonly resources: readonly Resource[];
}

/** Builds that can be on one cluster. */
export interface World {
  /** What tells it from others: `prod`; empty when there is one only. */
  readonly name: string;
  readonly builds: readonly Build[];
}

/** More alternatives than this are looked at without what they share. */
const maxWorlds = 64;

/** Puts builds together that can be on one cluster. Two builds with an object of the same name are alternatives: overlays
 *  of several environments, or samples to choose from. Those whose paths differ in the same word (`lab`, `prod`) belong
 *  together, and what has no alternative belongs to all.
 *  @returns at least one world */
export function worldsOf(builds: readonly Build[]): readonly World[] {
  const identities = new Map(builds.map((build) => [build, identitiesOf(build)]));
  const variants = variantsOf(builds, identities);
  const common = builds.filter((build) => !variants.has(build));
  const names = [...new Set(variants.values())].sort();
  if (names.length === 0) return separated('', common, identities);
  return names.flatMap((name) =>
    separated(
      name,
      builds.filter((build) => (variants.get(build) ?? name) === name),
      identities,
    ),
  );
}

function identitiesOf({ resources }: Build): ReadonlySet<string> {
  return new Set(
    resources.flatMap(({ known, namespace, name }) =>
      known === undefined || known === 'Namespace' ? [] : [`${known} ${namespace}/${name}`],
    ),
  );
}

type Identities = ReadonlyMap<Build, ReadonlySet<string>>;

/** The word of its path that tells each build from its alternatives. */
function variantsOf(builds: readonly Build[], identities: Identities): ReadonlyMap<Build, string> {
  const owners = new Map<string, Build>();
  const words = new Set<string>();
  for (const build of builds) {
    if (build.environment !== undefined) words.add(build.environment);
    for (const identity of identities.get(build) ?? []) {
      const owner = owners.get(identity);
      if (owner === undefined) owners.set(identity, build);
      else for (const word of differingWords(owner.directory, build.directory)) words.add(word);
    }
  }
  const found = new Map<Build, string>();
  for (const build of builds) {
    const word = build.environment ?? build.directory.split('/').findLast((part) => words.has(part));
    if (word !== undefined) found.set(build, word);
  }
  return found;
}

/** Of `apps/shop/lab` and `apps/shop/prod`: lab and prod. Paths of other shapes say nothing. */
function differingWords(one: string, other: string): readonly string[] {
  const [first, second] = [one.split('/'), other.split('/')];
  if (first.length !== second.length) return [];
  const at = first.flatMap((part, index) => (part === second[index] ? [] : [index]));
  const [index, ...more] = at;
  if (index === undefined || more.length > 0) return [];
  return [first[index] ?? '', second[index] ?? ''];
}

/** One world of what fits together, and one more for each further alternative, with all of the first that fits it. */
function separated(name: string, builds: readonly Build[], identities: Identities): readonly World[] {
  const groups: { readonly taken: Map<string, Build>; readonly builds: Build[] }[] = [];
  for (const build of builds) {
    const own = identities.get(build) ?? new Set();
    let group = groups.find(({ taken }) => ![...own].some((identity) => taken.has(identity)));
    if (group === undefined) groups.push((group = { taken: new Map(), builds: [] }));
    group.builds.push(build);
    for (const identity of own) group.taken.set(identity, build);
  }
  const [first, ...others] = groups;
  if (first === undefined) return [{ name, builds: [] }];
  return [
    { name, builds: first.builds },
    ...others.map((group, index) => {
      if (index + 2 > maxWorlds) return { name: `${name}+${String(index + 2)}`, builds: group.builds };
      const replaced = new Set([...group.taken.keys()].map((identity) => first.taken.get(identity)));
      return {
        name: `${name}+${String(index + 2)}`,
        builds: [...first.builds.filter((build) => !replaced.has(build)), ...group.builds],
      };
    }),
  ];
}
