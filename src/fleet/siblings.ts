import {
  directoriesOf,
  type NamespaceSpec,
  type NamespaceTarget,
  type OtherDirectory,
} from '../model/fleet.ts';
import { keyOf } from '../model/key-of.ts';
import { listIn } from '../model/list-in.ts';
import type { RepoPath } from '../model/named.ts';

/** Tells each spec which other directories of its repository the same namespace is built from, and which targets of other
 *  environments or clusters its own one is built for. */
export function withSiblings(targets: readonly NamespaceTarget[]): readonly NamespaceTarget[] {
  const directories = new Map<string, Set<RepoPath>>();
  const builders = new Map<string, NamespaceSpec[]>();
  const id = (spec: NamespaceSpec) => keyOf(spec.repository, spec.namespace);
  const place = (spec: NamespaceSpec, directory: RepoPath) => keyOf(spec.repository, directory);
  const around = (spec: NamespaceSpec, own: RepoPath): OtherDirectory => ({
    directory: own,
    siblingDirectories: [...(directories.get(id(spec)) ?? [])].filter((directory) => directory !== own),
    sharedWith: (builders.get(place(spec, own)) ?? [])
      .filter((other) => other.environment !== spec.environment || other.cluster !== spec.cluster)
      .map((other) => other.target)
      .filter((other, at, all) => other !== spec.target && all.indexOf(other) === at),
  });
  for (const { specs } of targets)
    for (const spec of specs) {
      const known = directories.get(id(spec)) ?? new Set();
      for (const directory of directoriesOf(spec)) {
        directories.set(id(spec), known.add(directory));
        listIn(builders, place(spec, directory)).push(spec);
      }
    }
  return targets.map((target) => ({
    ...target,
    specs: target.specs.map((spec) => ({
      ...spec,
      ...around(spec, spec.directory),
      otherDirectories: spec.otherDirectories.map(({ directory }) => around(spec, directory)),
    })),
  }));
}
