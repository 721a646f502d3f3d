import { keyOf } from '../model/key-of.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Build } from './build.ts';

/** A build with all that it was made of, beside the Kustomization. */
interface Remembered {
  readonly build: Build;
  /** What its source and its variables were, in words. */
  readonly key: string;
  readonly paths: Snapshot['paths'];
  readonly links: Snapshot['links'];
  /** Of each file that was read; undefined: it is not text. */
  readonly texts: ReadonlyMap<RepoPath, string | undefined>;
}

/** By the Kustomization, which is the very same object as long as what builds it is. */
const builds = new WeakMap<Manifest, readonly Remembered[]>();
/** Of one Kustomization: as it is, with a bundle, and at later steps of a plan. */
const maxStates = 4;

/** The build of the same Kustomization from the same texts: a cluster is looked at for each target of a fleet, and a bundle
 *  changes one repository.
 *  @param snapshot  the part of the repository that the source takes */
export function recallBuild(
  kustomization: Manifest | undefined,
  key: string,
  snapshot: Snapshot,
): Build | undefined {
  const known = kustomization === undefined ? undefined : builds.get(kustomization);
  return known?.find((each) => each.key === key && isOf(each, snapshot))?.build;
}

function isOf({ paths, links, texts }: Remembered, snapshot: Snapshot): boolean {
  if (paths !== snapshot.paths || links !== snapshot.links) return false;
  for (const [path, text] of texts)
    if (snapshot.files.get(path) !== text || (text === undefined && !snapshot.unreadable.has(path)))
      return false;
  return true;
}

export function rememberBuild(key: string, snapshot: Snapshot, build: Build): void {
  const manifest = build.kustomization?.manifest;
  if (manifest === undefined) return;
  const texts = new Map([...build.reads].map((path) => [path, snapshot.files.get(path)]));
  const { paths, links } = snapshot;
  const earlier = builds.get(manifest) ?? [];
  builds.set(manifest, [{ build, key, paths, links, texts }, ...earlier].slice(0, maxStates));
}

/** What decides a build beside its Kustomization and its repository. */
export function buildKey(
  { id, repository, directory, variables }: Pick<Build, 'id' | 'repository' | 'directory' | 'variables'>,
  source: unknown,
): string {
  return keyOf(
    id,
    repository,
    directory,
    JSON.stringify([...variables.known]),
    variables.isWhole,
    JSON.stringify(source ?? null),
  );
}
