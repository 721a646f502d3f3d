import { kustomizationNames } from '../kustomize/kustomization.ts';
import { readTree } from '../kustomize/read-tree.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { baseName, directoryOf } from '../model/repo-path.ts';
import { checkoutOf, readUntil } from './read-until.ts';

/** What a directory of a checkout builds, reading files as they are asked for. */
export async function readManifests(tree: Tree, directory: RepoPath): Promise<Outcome<KustomizeTree>> {
  const found = await readUntil(checkoutOf(tree), (snapshot) => readTree(snapshot, directory));
  return found.ok ? success(found.value.value) : found;
}

/** The directories that Flux may build: those with a kustomization file, or the root of a checkout without any. Bases and
 *  components, by their usual names, come last. */
export function buildableDirectories(tree: Tree): readonly RepoPath[] {
  const names: readonly string[] = kustomizationNames;
  const found = [...tree.snapshot.paths].filter((path) => names.includes(baseName(path))).map(directoryOf);
  const isShared = (directory: string) => /(?:^|\/)(?:base|bases|components?)(?:\/|$)/.test(directory);
  return [...new Set(found)].sort(
    (one, other) => Number(isShared(one)) - Number(isShared(other)) || (one < other ? -1 : 1),
  );
}
