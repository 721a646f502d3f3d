import { kustomizationFilesIn, kustomizationNames, readEntries } from '../kustomize/kustomization.ts';
import { listed } from '../model/listed.ts';
import type { RepoPath } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import { baseName, directoryOf } from '../model/repo-path.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import type { DesiredState } from './desired-state.ts';

/** Directories by those that include them. */
type Includers = ReadonlyMap<RepoPath, readonly RepoPath[]>;

/** Whether a directory that is to change is a part of several builds, by the fleet or by the repository's kustomization files:
 *  what is added to it for one environment would reach the others too.
 *  @param isKnown  whether it was generated before, so that people have decided that already
 *  @returns problem `bundle-directory-shared`, when several builds have it */
export function sharedDirectory(
  desired: DesiredState,
  snapshot: Snapshot,
  isKnown: boolean,
): Reading<readonly Problem[]> {
  // Taking a namespace out again must stay possible.
  if (desired.isCommon || desired.stage === 'outside') return known([]);
  const [file = desired.directory] = kustomizationFilesIn(snapshot, desired.directory);
  const shared = {
    rule: 'bundle-directory-shared',
    severity: isKnown ? 'warning' : 'error',
    file,
    line: 1,
    column: 1,
  } as const;
  const shown = desired.directory || 'The repository root';
  if (desired.sharedWith.length > 0)
    return known([
      {
        ...shared,
        message: `${shown} is also what ${listed(desired.sharedWith, 3)} is built from. What is added to it reaches all of them, not ${desired.target} alone.`,
        fix: `Give each environment a directory of its own whose kustomization.yaml lists this one under resources, let the environment's Flux Kustomization build that, and point path in fleet.yaml at it.`,
      },
    ]);
  const reading = includersIn(snapshot);
  if (reading.value === undefined) return reading;
  const roots = rootsOf(desired.directory, reading.value).filter((root) => !isOwn(root, desired));
  if (roots.length < 2) return known([]);
  const names = roots.map((root) => root || 'the repository root');
  return known([
    {
      ...shared,
      message: `${shown} is part of several builds: ${listed(names, 3)}. What is added to it reaches all of them, not ${desired.target} alone.`,
      fix: 'Point path in fleet.yaml at the overlay of this environment; the mesh is added there.',
    },
  ]);
}

/** Builds of the target itself: its other environments' directories are looked after by their own targets. */
function isOwn(root: RepoPath, desired: DesiredState): boolean {
  return desired.siblingDirectories.includes(root);
}

/** The directories that nothing includes and that lead to `directory`; itself when nothing includes it. */
function rootsOf(directory: RepoPath, includers: Includers): readonly RepoPath[] {
  const seen = new Set<RepoPath>([directory]);
  const roots: RepoPath[] = [];
  for (const each of seen) {
    const above = includers.get(each) ?? [];
    if (above.length === 0) roots.push(each);
    for (const one of above) seen.add(one);
  }
  return roots.sort();
}

interface RememberedIncluders {
  readonly texts: readonly (string | undefined)[];
  readonly includers: Includers;
}

const remembered = new WeakMap<Snapshot['paths'], RememberedIncluders>();
const files = new WeakMap<Snapshot['paths'], readonly RepoPath[]>();

/** Who includes whom in a repository, by its kustomization files. */
function includersIn(snapshot: Snapshot): Reading<Includers> {
  const all = files.get(snapshot.paths) ?? kustomizationsIn(snapshot);
  files.set(snapshot.paths, all);
  const needs = all.filter((path) => !snapshot.files.has(path) && !snapshot.unreadable.has(path));
  if (needs.length > 0) return { needs };
  const texts = all.map((path) => snapshot.files.get(path));
  const before = remembered.get(snapshot.paths);
  if (before !== undefined && texts.every((text, index) => text === before.texts[index]))
    return known(before.includers);
  const includers = new Map<RepoPath, RepoPath[]>();
  for (const file of all)
    for (const directory of readEntries(snapshot, file)?.includes ?? []) {
      const above = includers.get(directory) ?? [];
      above.push(directoryOf(file));
      includers.set(directory, above);
    }
  remembered.set(snapshot.paths, { texts, includers });
  return known(includers);
}

function kustomizationsIn({ paths }: Snapshot): readonly RepoPath[] {
  const names: readonly string[] = kustomizationNames;
  return [...paths].filter((path) => names.includes(baseName(path)) && !/(?:^|\/)\.[^/]/.test(path)).sort();
}
