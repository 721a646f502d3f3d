import type { RepoPath } from '../model/named.ts';
import { directoryOf } from '../model/repo-path.ts';
import { decode } from './files.ts';
import type { GitObject } from './git-objects.ts';
import { GitError } from './git-run.ts';
import { present, type ObjectSource } from './object-reader.ts';
import type { Recent } from './recent.ts';

/** Where contents of files come from, and where they are kept. */
export interface BlobSource {
  readonly objects: ObjectSource;
  /** Brings blobs that the clone leaves out; undefined: it has all of them. */
  readonly fetch: ((ids: readonly string[]) => Promise<void>) | undefined;
  /** The repository's URL: what another one has is not remembered for it. */
  readonly repository: string;
  readonly memory: Recent<string>;
}

/** The contents of files of one tree, as they were committed; undefined for one that is not text.
 *  @param wanted  files of `blobs`
 *  @param blobs  all files of the tree, and their ids */
export async function readTexts(
  wanted: readonly RepoPath[],
  blobs: ReadonlyMap<RepoPath, string>,
  { objects, fetch, repository, memory }: BlobSource,
): Promise<readonly (string | undefined)[]> {
  const ids = wanted.map((path) => {
    const id = blobs.get(path);
    if (id === undefined) throw new Error(`${path} is not in the tree`);
    return id;
  });
  const texts = new Map<string, string | undefined>();
  for (const id of ids) {
    const text = memory.get(`${repository} ${id}`);
    if (text !== undefined) texts.set(id, text);
  }
  const unknown = [...new Set(ids)].filter((id) => !texts.has(id));
  const found = await readBlobs(unknown, () => besides(wanted, blobs), objects, fetch);
  for (const [index, id] of unknown.entries()) {
    const { type, bytes } = present(found[index], id);
    if (type !== 'blob') throw new GitError(`fatal: ${id} is not a file`);
    const text = decode(bytes);
    texts.set(id, text);
    if (text !== undefined) memory.set(`${repository} ${id}`, text, text.length);
  }
  return ids.map((id) => texts.get(id));
}

/** Brings what a partial clone lacks in one round trip; git alone would ask for it one by one. */
async function readBlobs(
  ids: readonly string[],
  besides: () => readonly string[],
  objects: ObjectSource,
  fetch: BlobSource['fetch'],
): Promise<readonly (GitObject | undefined)[]> {
  const here = await objects.read(ids);
  const missing = ids.filter((_, index) => here[index] === undefined);
  if (fetch === undefined || missing.length === 0) return here;
  const more = besides();
  const known = await objects.read(more);
  await fetch([...new Set([...missing, ...more.filter((_, index) => known[index] === undefined)])]);
  return objects.read(ids);
}

/** More are not brought along. */
const mostBesides = 300;

/** What is likely to be asked for next: a plan follows one manifest to others. All manifests of a small repository; of a
 *  larger one those in the same folders. */
function besides(wanted: readonly RepoPath[], blobs: ReadonlyMap<RepoPath, string>): readonly string[] {
  const manifests = [...blobs].filter(([path]) => /\.ya?ml$/.test(path));
  const folders = new Set(wanted.map(directoryOf));
  const near =
    manifests.length <= mostBesides
      ? manifests
      : manifests.filter(([path]) => folders.has(directoryOf(path)));
  return near.slice(0, mostBesides).map(([, id]) => id);
}
