import { namespaceGenerators } from '../../generators/namespace/index.ts';
import { readTree } from '../kustomize/read-tree.ts';
import type { NamespaceSpec } from '../model/fleet.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import { isBelow, joinRepoPath } from '../model/repo-path.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Renderer } from './templates.ts';

/** What a directory builds, and what its siblings of other environments do. */
export interface Trees {
  readonly own: KustomizeTree;
  readonly siblings: readonly KustomizeTree[];
}

/** The trees of a spec's directories, or the files that must be read before they can be known. */
export function readTrees(
  spec: NamespaceSpec,
  snapshot: Snapshot,
  renderer: Renderer,
):
  | { readonly trees: Trees; readonly needs?: never }
  | { readonly trees?: never; readonly needs: readonly RepoPath[] } {
  const needs = new Set<RepoPath>();
  const own = readTree(snapshot, spec.directory);
  for (const path of own.needs) needs.add(path);
  const siblings: KustomizeTree[] = [];
  for (const directory of spec.siblingDirectories) {
    if (![...snapshot.paths].some((path) => isBelow(path, directory))) continue;
    const sibling = readTree(snapshot, directory);
    for (const path of sibling.needs) needs.add(path);
    if (sibling.tree !== undefined) siblings.push(sibling.tree);
  }
  for (const path of ownedPaths(spec, renderer))
    if (snapshot.paths.has(path) && !snapshot.files.has(path) && !snapshot.unreadable.has(path))
      needs.add(path);
  if (own.tree === undefined || needs.size > 0) return { needs: [...needs] };
  return { trees: { own: own.tree, siblings } };
}

function ownedPaths(spec: NamespaceSpec, renderer: Renderer): readonly RepoPath[] {
  return namespaceGenerators.flatMap((generator) => {
    if (generator.owned === undefined) return [];
    const file = renderer.fileOf(generator.owned.template) ?? generator.owned.file;
    return joinRepoPath(spec.directory, file) ?? [];
  });
}
