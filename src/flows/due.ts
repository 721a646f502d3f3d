import { haveFiles } from '../bundle/follow-lock.ts';
import { lockPath } from '../bundle/lock.ts';
import { missingLocks, readTargetLocks, type LockReading } from '../bundle/read-locks.ts';
import { isUpToDate, reasonToUpgrade, type Reason } from '../bundle/reason.ts';
import { desiredStatesOf } from '../bundle/desired-states.ts';
import type { TemplateSet } from '../model/bundle.ts';
import type { ForgeSpec, Target } from '../model/fleet.ts';
import type { RepoPath, TargetId } from '../model/named.ts';
import type { Forge, Tree } from '../model/ports.ts';
import { success, type Outcome } from '../model/problem.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { checkoutOf, readMissing, readUntil, type Checkout, type WithSnapshot } from './read-until.ts';

type FleetLocks = ReadonlySet<TargetId> | undefined;

/** Whether templates or fleet changed since a target was generated, or it was renamed or moved; only its locks are read,
 *  and where it moved, what was generated.
 *  @returns undefined: nothing is due, or the target was never generated (then a problem says so); problems of
 *  `readTargetLocks` */
export async function dueOn(
  target: Target,
  templates: TemplateSet,
  tree: Tree,
  fleetLocks: FleetLocks,
): Promise<Outcome<Reason | undefined>> {
  const own = await readMissing(checkoutOf(tree), ownLocks(target, tree.snapshot));
  if (!own.ok) return own;
  const { files } = own.value;
  const isThere = haveFiles(
    desiredStatesOf(target).map(({ directory }) => directory),
    own.value,
  );
  if (isThere && isUpToDate(target, (id) => files.get(lockPath(id)), templates)) return success(undefined);
  const read = await readLocks(target, { tree, snapshot: own.value }, fleetLocks);
  if (!read.ok) return read;
  const { locks, moves } = read.value.value;
  if (!locks.ok) return locks;
  if (locks.value.has(target.id)) return success(reasonToUpgrade(target, locks.value, templates, moves));
  const missing = missingLocks(target, read.value.snapshot, templates);
  return success(undefined, [
    {
      rule: 'upgrade-not-generated',
      severity: 'info',
      message: `${target.id} has not been generated yet: its repository has no lock for it.`,
      fix: `Use meshwright open ${target.id} first.`,
    },
    ...missing,
  ]);
}

function ownLocks(target: Target, { paths, unreadable }: Snapshot): readonly RepoPath[] {
  const ids = new Set(desiredStatesOf(target).map(({ lock }) => lockPath(lock)));
  return [...ids].filter((path) => paths.has(path) && !unreadable.has(path));
}

/** The locks of a target, reading what it takes to know them. */
export function readLocks(
  target: Target,
  checkout: Checkout,
  fleetLocks: FleetLocks,
): Promise<Outcome<WithSnapshot<LockReading>>> {
  return readUntil(checkout, (snapshot) => readTargetLocks(target, snapshot, fleetLocks));
}

/** The same on the forge's base branch. */
export async function dueOnForge(
  target: Target,
  templates: TemplateSet,
  forge: Forge,
  forgeSpec: ForgeSpec,
  fleetLocks: FleetLocks,
): Promise<Outcome<Reason | undefined>> {
  const state = await forge.state(target.repository, forgeSpec.baseBranch, undefined);
  return state.ok ? dueOn(target, templates, state.value.base, fleetLocks) : state;
}
