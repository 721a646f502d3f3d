import { effectiveNamespace } from '../k8s/effective-namespace.ts';
import { keyOf } from '../model/key-of.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import { directoryOf } from '../model/repo-path.ts';
import { sameValue } from '../model/same-value.ts';
import type { Build, BuiltCluster } from './build.ts';

/** An object that a change of files makes, changes or takes away on a cluster. */
export interface ClusterChange {
  /** The build that it is of, after the change where there is one. */
  readonly build: Build;
  readonly manifest: Manifest;
  /** The namespace it is about; undefined: none. */
  readonly namespace: string | undefined;
}

/** What differs between two states of a cluster, object for object as Flux applies them. Builds that nothing has changed are
 *  the very same objects, and cost nothing. */
export function clusterChanges(before: BuiltCluster, after: BuiltCluster): readonly ClusterChange[] {
  const was = new Map(before.builds.map((build) => [build.id, build]));
  const is = new Map(after.builds.map((build) => [build.id, build]));
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((id) => changesOf(was.get(id), is.get(id)));
}

function changesOf(before: Build | undefined, after: Build | undefined): readonly ClusterChange[] {
  if (before === after) return [];
  const [was, is] = [objectsOf(before), objectsOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((key) => {
    const [one, other] = [was.get(key), is.get(key)];
    const manifest = other ?? one;
    const build = after ?? before;
    if (manifest === undefined || build === undefined || sameValue(one?.built, other?.built)) return [];
    return [{ build, manifest, namespace: effectiveNamespace(manifest) }];
  });
}

function objectsOf(build: Build | undefined): ReadonlyMap<string, Manifest> {
  return new Map(
    (build?.objects ?? []).map(({ manifest }) => [
      keyOf(manifest.group, manifest.kind, manifest.builtNamespace, manifest.builtName),
      manifest,
    ]),
  );
}

const directories = new WeakMap<Build, ReadonlySet<RepoPath>>();

/** The directories that a build reads files of, and those around them up to where it begins. */
export function readDirectories(build: Build): ReadonlySet<RepoPath> {
  const known = directories.get(build);
  if (known !== undefined) return known;
  const found = new Set<RepoPath>();
  for (const path of build.reads)
    for (let at = directoryOf(path); !found.has(at); at = directoryOf(at)) {
      found.add(at);
      if (at === build.directory || at === '') break;
    }
  directories.set(build, found);
  return found;
}
