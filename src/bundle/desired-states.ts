import type { Target } from '../model/fleet.ts';
import type { TargetId } from '../model/named.ts';
import { desiredCluster } from './desired-cluster.ts';
import { desiredNamespace } from './desired-namespace.ts';
import type { DesiredState } from './desired-state.ts';

const known = new WeakMap<Target, readonly DesiredState[]>();

/** What a target desired states of each of its directories, in the order they are to be planned. */
export function desiredStatesOf(target: Target): readonly DesiredState[] {
  const found = known.get(target);
  if (found !== undefined) return found;
  const desiredStates =
    target.kind === 'cluster' ? desiredCluster(target.spec) : target.specs.flatMap(desiredNamespace);
  known.set(target, desiredStates);
  return desiredStates;
}

/** The desired states of a target by the lock that remembers them; a namespace has one lock, a cluster shares another. */
export function desiredStatesByLock(target: Target): ReadonlyMap<TargetId, readonly DesiredState[]> {
  const locks = new Map<TargetId, DesiredState[]>();
  for (const desired of desiredStatesOf(target)) {
    const desiredStates = locks.get(desired.lock) ?? [];
    locks.set(desired.lock, [...desiredStates, desired]);
  }
  return locks;
}

/** Every lock that some target of a fleet accounts for. */
export function locksOf(targets: readonly Target[]): ReadonlySet<TargetId> {
  return new Set(targets.flatMap((target) => [...desiredStatesByLock(target).keys()]));
}
