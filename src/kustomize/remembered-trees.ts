import type { KustomizationOverlay } from './overlay.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** A tree with all it was made of, but for the paths that there are. */
interface RememberedTree {
  readonly tree: KustomizeTree;
  readonly overlay: KustomizationOverlay | undefined;
  readonly links: Snapshot['links'];
  /** Of each file that was read; undefined: it is not text. */
  readonly texts: ReadonlyMap<RepoPath, string | undefined>;
}

/** By the paths that there were, then by directory, the one asked for longest ago first. */
const trees = new WeakMap<Snapshot['paths'], Map<RepoPath, readonly RememberedTree[]>>();
const maxDirectories = 256;
/** Of one directory: as it is, without us, and as it is to be. */
const maxStates = 4;

/** The tree that was built of the same paths and texts before. */
export function recallTree(
  snapshot: Snapshot,
  directory: RepoPath,
  overlay: KustomizationOverlay | undefined,
): KustomizeTree | undefined {
  const known = trees.get(snapshot.paths)?.get(directory);
  return known?.find((each) => each.overlay?.spec === overlay?.spec && isOf(each, snapshot))?.tree;
}

function isOf({ links, texts }: RememberedTree, snapshot: Snapshot): boolean {
  if (links !== snapshot.links) return false;
  for (const [path, text] of texts)
    if (snapshot.files.get(path) !== text || (text === undefined && !snapshot.unreadable.has(path)))
      return false;
  return true;
}

/** @param tree  as built of the snapshot */
export function rememberTree(
  snapshot: Snapshot,
  tree: KustomizeTree,
  overlay: KustomizationOverlay | undefined,
): void {
  const known = trees.get(snapshot.paths) ?? new Map<RepoPath, readonly RememberedTree[]>();
  trees.set(snapshot.paths, known);
  const texts = new Map([...tree.reads].map((path) => [path, snapshot.files.get(path)]));
  const earlier = known.get(tree.directory) ?? [];
  known.delete(tree.directory);
  known.set(
    tree.directory,
    [{ tree, overlay, links: snapshot.links, texts }, ...earlier].slice(0, maxStates),
  );
  const [oldest] = known.keys();
  if (known.size > maxDirectories && oldest !== undefined) known.delete(oldest);
}
