import {
  isWrittenFluxKustomization,
  mayHoldFluxKustomization,
  pathInSource,
} from '../k8s/flux-kustomization.ts';
import { stringAt } from '../model/json.ts';
import type { RepoPath } from '../model/named.ts';
import { pathsBelow } from '../model/paths.ts';
import { baseName, directoryOf, isBelow } from '../model/repo-path.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { documentValues } from '../yaml/documents.ts';

/** The directories of a repository that clusters begin at: what `flux bootstrap` made, or else the folders below `clusters/`
 *  that hold Kustomizations, or else folders that a Kustomization inside of them builds.
 *  @see https://fluxcd.io/flux/installation/bootstrap/ */
export function clusterEntries(snapshot: Snapshot): Reading<readonly RepoPath[]> {
  const all = [...snapshot.paths]
    .filter((path) => /\.ya?ml$/.test(path) && !/(?:^|\/)\.[^/]/.test(path))
    .sort();
  const made = all.filter((path) => /^gotk-sync\.ya?ml$/.test(baseName(path)));
  const read = textsOf(snapshot, made);
  if (read.value === undefined) return read;
  const roots = read.value.flatMap(kustomizationPaths);
  if (roots.length > 0)
    return known([...new Set(roots)].filter((each) => pathsBelow(snapshot.paths, each).length > 0));
  const folders = new Map<RepoPath, RepoPath[]>();
  for (const path of all) {
    const folder = /^(?:.*\/)?clusters\/[^/]+(?=\/)/.exec(path)?.[0] as RepoPath | undefined;
    if (folder !== undefined) folders.set(folder, [...(folders.get(folder) ?? []), path]);
  }
  const below = textsOf(snapshot, [...folders.values()].flat());
  if (below.value === undefined) return below;
  const found = [...folders].filter(([, paths]) =>
    paths.some((path) => kustomizationPaths(snapshot.files.get(path) ?? '').length > 0),
  );
  if (found.length > 0) return known(found.map(([folder]) => folder));
  return selfBuilt(snapshot, all);
}

/** Folders that a Kustomization inside of them builds: whoever applied it by hand began there. */
function selfBuilt(snapshot: Snapshot, all: readonly RepoPath[]): Reading<readonly RepoPath[]> {
  const read = textsOf(snapshot, all);
  if (read.value === undefined) return read;
  const folders = all.flatMap((path) => {
    const text = snapshot.files.get(path) ?? '';
    if (!mayHoldFluxKustomization(text)) return [];
    return kustomizationPaths(text).filter((folder) => folder !== '' && isBelow(path, folder));
  });
  const unique = [...new Set(folders)];
  return known(unique.filter((each) => !unique.some((other) => other !== each && isBelow(each, other))));
}

function textsOf(snapshot: Snapshot, paths: readonly RepoPath[]): Reading<readonly string[]> {
  const needs = paths.filter((path) => !snapshot.files.has(path) && !snapshot.unreadable.has(path));
  if (needs.length > 0) return { needs };
  return known(paths.flatMap((path) => snapshot.files.get(path) ?? []));
}

/** The paths of the Flux Kustomizations in a text. */
function kustomizationPaths(text: string): readonly RepoPath[] {
  return documentValues(text).flatMap((value) => {
    if (!isWrittenFluxKustomization(value)) return [];
    return pathInSource(stringAt(value, 'spec', 'path'));
  });
}

/** What a cluster is called: the last part of its directory. */
export function clusterName(directory: RepoPath): string {
  const name = baseName(directory);
  return name === 'flux-system' ? baseName(directoryOf(directory)) : name;
}
