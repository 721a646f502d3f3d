import { gather, type GatheredManifests, type ManifestFolder } from '../flux/gather.ts';
import { inventoriesOf } from '../mesh/inventories.ts';
import type { Inventory } from '../mesh/inventory.ts';
import type { Fleet } from '../model/fleet.ts';
import type { RepoPath } from '../model/named.ts';
import type { Tree } from '../model/ports.ts';
import { success, type Outcome, type Problem } from '../model/problem.ts';
import { checkoutOf, readUntil } from './read-until.ts';

/** A folder to read manifests from. */
export interface Folder extends Omit<ManifestFolder, 'snapshot'> {
  readonly tree: Tree;
}

export interface ReadClusters {
  readonly inventories: readonly Inventory[];
  /** What could not be read, and what was left out. */
  readonly problems: readonly Problem[];
  /** The texts that were read, by the name they are shown with. */
  readonly texts: ReadonlyMap<string, string>;
  /** Where each of them is in its checkout. */
  readonly paths: ReadonlyMap<string, RepoPath>;
}

/** Reads folders of manifests, of one repository or of several, as the clusters they can make up. */
export async function readClusters(
  folders: readonly Folder[],
  fleet?: Fleet,
): Promise<Outcome<ReadClusters>> {
  const found: GatheredManifests[] = [];
  const texts = new Map<string, string>();
  const paths = new Map<string, RepoPath>();
  for (const { tree, ...where } of folders) {
    const read = await readUntil(checkoutOf(tree), (snapshot) => gather({ ...where, snapshot }));
    if (!read.ok) return read;
    found.push(read.value.value);
    for (const [path, text] of read.value.snapshot.files) {
      const name = where.nameOf(path);
      texts.set(name, text);
      paths.set(name, path);
    }
  }
  return success({
    inventories: inventoriesOf(
      found.flatMap(({ builds }) => builds),
      fleet,
    ),
    problems: found.flatMap(({ problems }) => problems),
    texts,
    paths,
  });
}
