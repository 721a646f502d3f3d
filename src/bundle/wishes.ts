import type { Target } from '../model/fleet.ts';
import type { TargetId } from '../model/named.ts';
import { clusterWishes } from './cluster-wish.ts';
import { namespaceWish } from './namespace-wish.ts';
import type { Wish } from './wish.ts';

const known = new WeakMap<Target, readonly Wish[]>();

/** What a target wishes of each of its directories, in the order they are to be planned. */
export function wishesOf(target: Target): readonly Wish[] {
  const found = known.get(target);
  if (found !== undefined) return found;
  const wishes = target.kind === 'cluster' ? clusterWishes(target.spec) : target.specs.map(namespaceWish);
  known.set(target, wishes);
  return wishes;
}

/** The wishes of a target by the lock that remembers them; a namespace has one lock, a cluster shares another. */
export function wishesByLock(target: Target): ReadonlyMap<TargetId, readonly Wish[]> {
  const locks = new Map<TargetId, Wish[]>();
  for (const wish of wishesOf(target)) {
    const wishes = locks.get(wish.lock) ?? [];
    locks.set(wish.lock, [...wishes, wish]);
  }
  return locks;
}

/** Every lock that some target of a fleet accounts for. */
export function locksOf(targets: readonly Target[]): ReadonlySet<TargetId> {
  return new Set(targets.flatMap((target) => [...wishesByLock(target).keys()]));
}
