import { pathInSource } from '../k8s/flux-kustomization.ts';
import { keyOf } from '../model/key-of.ts';
import { listAt, stringAt, valueAt, type JsonValue } from '../model/json.ts';
import type { RepoPath } from '../model/named.ts';
import { directoryOf, baseName, isBelow } from '../model/repo-path.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { ignorePatterns, isIgnored, type IgnorePattern } from './ignore-patterns.ts';

/** What source-controller makes of a repository: the artifact that Kustomizations build from. */
export interface SourceView {
  /** Without what the source leaves out. */
  readonly snapshot: Snapshot;
  /** Whether its own rules say what is left out; otherwise Flux' usual ones do. */
  readonly hasRules: boolean;
}

/** The files of a repository that reach Flux, by every `.sourceignore` in it, and by `ignore` and `sparseCheckout` of its
 *  source.
 *  @param source  the GitRepository as built; undefined: Git does not show it
 *  @see https://fluxcd.io/flux/components/source/gitrepositories/#excluding-files */
export function sourceView(snapshot: Snapshot, source: JsonValue | undefined): Reading<SourceView> {
  const own = ignoreFilesIn(snapshot.paths);
  const needs = own.filter((path) => !snapshot.files.has(path) && !snapshot.unreadable.has(path));
  if (needs.length > 0) return { needs };
  const ignore = stringAt(source, 'spec', 'ignore') ?? '';
  const sparse = listAt(source, 'spec', 'sparseCheckout').filter((each) => typeof each === 'string');
  const texts = own.map((path) => snapshot.files.get(path) ?? '');
  const key = keyOf(ignore, ...sparse, '', ...texts);
  const views = remembered.get(snapshot.paths) ?? new Map<string, ReadonlySet<RepoPath>>();
  remembered.set(snapshot.paths, views);
  const patterns = [
    ...own.flatMap((path, index) => ignorePatterns(texts[index] ?? '', partsOf(directoryOf(path)))),
    ...ignorePatterns(ignore, []),
  ];
  const paths = views.get(key) ?? pathsIn(snapshot, patterns, sparse);
  views.set(key, paths);
  return known({
    snapshot: paths === snapshot.paths ? snapshot : { ...snapshot, paths },
    hasRules: patterns.length > 0,
  });
}

/** Why what a directory holds is not known, although its repository is read: the source adds files of other repositories.
 *  @returns undefined: nothing hides it */
export function hiddenPart(
  { links }: Snapshot,
  directory: RepoPath,
  source: JsonValue | undefined,
): string | undefined {
  for (const include of listAt(source, 'spec', 'include')) {
    const from = stringAt(include, 'repository', 'name') ?? '';
    const to = pathInSource(stringAt(include, 'toPath') ?? from);
    if (isBelow(directory, to) || isBelow(to, directory))
      return `its source puts the repository of GitRepository ${from} at ${to}`;
  }
  if (valueAt(source, 'spec', 'recurseSubmodules') !== true) return undefined;
  const module = [...links].find((each) => isBelow(directory, each) || isBelow(each, directory));
  return module === undefined ? undefined : `its source takes the submodules too, one of them at ${module}`;
}

/** What was left of the same paths. */
const remembered = new WeakMap<Snapshot['paths'], Map<string, ReadonlySet<RepoPath>>>();
const ignoreFiles = new WeakMap<Snapshot['paths'], readonly RepoPath[]>();

/** Those of outer directories first. */
function ignoreFilesIn(paths: Snapshot['paths']): readonly RepoPath[] {
  const found =
    ignoreFiles.get(paths) ??
    [...paths]
      .filter((path) => baseName(path) === '.sourceignore')
      .sort((one, other) => partsOf(one).length - partsOf(other).length || (one < other ? -1 : 1));
  ignoreFiles.set(paths, found);
  return found;
}

function pathsIn(
  { paths }: Snapshot,
  patterns: readonly IgnorePattern[],
  sparse: readonly string[],
): ReadonlySet<RepoPath> {
  const directories = sparse.map((each) => pathInSource(each));
  if (patterns.length === 0 && directories.length === 0) return paths;
  return new Set(
    [...paths].filter(
      (path) =>
        (directories.length === 0 || directories.some((each) => isBelow(path, each))) &&
        !isIgnored(path, patterns),
    ),
  );
}

function partsOf(path: RepoPath): readonly string[] {
  return path === '' ? [] : path.split('/');
}
