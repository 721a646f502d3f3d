import type { Inventory } from '../mesh/inventory.ts';
import type { StateName } from '../model/traffic.ts';
import { Pods, podsKept, podsMixed, podsOf, type Pod } from './pods.ts';

/** A cluster at one moment: the objects in force, and the pods that run. */
export interface State {
  readonly name: StateName;
  readonly config: Inventory;
  readonly pods: Pods;
}

/** Manifests of one cluster at the steps of a move; a step that is not known, or not wanted, is left out. */
export interface Steps {
  /** The repositories as they are. */
  readonly before: Inventory;
  /** With the pull requests merged. */
  readonly after?: Inventory | undefined;
  /** With those of the next stage merged too, and pods made again. */
  readonly enforced?: Inventory | undefined;
  /** With every sidecar of the cluster refusing plaintext. */
  readonly strict?: Inventory | undefined;
}

/** The states that a move goes through. Flux applies objects at once; a pod gets its sidecar when it is made. */
export function statesOf({ before, after, enforced, strict }: Steps): readonly State[] {
  const old = podsOf(before);
  const states = [stateOf('before', before, old)];
  if (after !== undefined) {
    const young = podsOf(after);
    const kept = podsKept(old, young);
    states.push(
      stateOf('merged', after, kept),
      stateOf('rolling', after, podsMixed(kept, young)),
      stateOf('restarted', after, young),
    );
  }
  if (enforced !== undefined) states.push(stateOf('enforced', enforced, podsOf(enforced)));
  if (strict !== undefined) states.push(stateOf('strict', strict, podsOf(strict)));
  return states;
}

function stateOf(name: StateName, config: Inventory, pods: readonly Pod[]): State {
  return { name, config, pods: new Pods(pods) };
}
