import { readTree } from '../kustomize/read-tree.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import { pathsBelow } from '../model/paths.ts';
import { joinRepoPath } from '../model/repo-path.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import type { Renderer } from './templates.ts';
import { nameOfOwned, prefixOf, type DesiredState } from './desired-state.ts';

/** What a directory builds, and what its siblings of other environments do. */
export interface DirectoryTrees {
  readonly own: KustomizeTree;
  readonly siblings: readonly KustomizeTree[];
  /** What the other directories of the namespace build. */
  readonly others: readonly KustomizeTree[];
}

/** The trees of a desired state's directories, or the files that must be read before they can be known. */
export function readTrees(
  desired: DesiredState,
  snapshot: Snapshot,
  renderer: Renderer,
): Reading<DirectoryTrees> {
  const needs = new Set<RepoPath>();
  const own = readTree(snapshot, desired.directory);
  for (const path of own.needs) needs.add(path);
  const treesOf = (directories: readonly RepoPath[]) =>
    directories.flatMap((directory) => {
      if (pathsBelow(snapshot.paths, directory).length === 0) return [];
      const reading = readTree(snapshot, directory);
      for (const path of reading.needs) needs.add(path);
      return reading.value ?? [];
    });
  const siblings = treesOf(desired.siblingDirectories);
  const others = treesOf(desired.otherDirectories);
  for (const path of ownedPaths(desired, renderer))
    if (snapshot.paths.has(path) && !snapshot.files.has(path) && !snapshot.unreadable.has(path))
      needs.add(path);
  if (own.value === undefined || needs.size > 0) return { needs: [...needs] };
  return known({ own: own.value, siblings, others });
}

/** Where every owned file of a desired state may be. */
export function ownedPaths(desired: DesiredState, renderer: Renderer): readonly RepoPath[] {
  const prefixes = desired.namespace === undefined ? [''] : ['', prefixOf(desired.namespace)];
  return prefixes.flatMap((prefix) =>
    desired.files.flatMap(
      ({ file, template }) =>
        joinRepoPath(desired.directory, nameOfOwned({ prefix, file }, renderer.fileOf(template))) ?? [],
    ),
  );
}
