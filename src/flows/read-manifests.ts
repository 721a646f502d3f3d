import { kustomizationNames } from '../kustomize/kustomization.ts';
import { readTree } from '../kustomize/read-tree.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import { baseName, directoryOf } from '../model/repo-path.ts';
import { withFiles } from '../model/snapshot.ts';

/** What a directory of a checkout builds, reading files as they are asked for. */
export async function readManifests(tree: Tree, directory: RepoPath): Promise<Outcome<KustomizeTree>> {
  let snapshot = tree.snapshot;
  for (;;) {
    const reading = readTree(snapshot, directory);
    if (reading.tree !== undefined) return success(reading.tree);
    const read = await tree.read(reading.needs);
    if (!read.ok) return read;
    snapshot = withFiles(snapshot, read.value);
  }
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
