import { keyOf } from '../../model/key-of.ts';
import type { Resource } from '../../model/resource.ts';
import type { Labels } from '../../k8s/selector.ts';

interface SelectorClaim {
  readonly resource: Resource;
  readonly selector: Labels;
}

interface Numbered<T> {
  readonly claim: T;
  readonly order: number;
}

/** The first claim with a selector, and the first one of another object. */
interface ClaimPair<T> {
  readonly first: Numbered<T>;
  second?: Numbered<T>;
}

/** Selectors after this many are compared only with the ones before, and with equal ones. */
const maxSelectors = 200;

/** Claims of the same thing by objects that select pods: which of them are for the same pods. */
export class ClaimsBySelector<T extends SelectorClaim> {
  readonly #groups = new Map<string, ClaimPair<T>>();
  #size = 0;

  add(claim: T): void {
    const numbered = { claim, order: this.#size++ };
    const key = selectorKey(claim);
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, { first: numbered });
    else if (group.first.claim.resource !== claim.resource) group.second ??= numbered;
  }

  /** How many selectors were not compared with each other. */
  get uncompared(): number {
    return Math.max(0, this.#groups.size - maxSelectors);
  }

  /** The first claim of another object with an equal selector, or with one that meets this one's pods. */
  otherThan(claim: T, meets: (selector: Labels) => boolean): T | undefined {
    const own = this.#groups.get(selectorKey(claim));
    let found = own === undefined ? undefined : ofAnother(own, claim);
    let left = maxSelectors;
    for (const group of this.#groups.values()) {
      // Groups are in the order of their first claims.
      if (left-- === 0 || (found !== undefined && found.order < group.first.order)) break;
      const other = group === own ? undefined : ofAnother(group, claim);
      if (other === undefined || (found !== undefined && found.order < other.order)) continue;
      if (meets(group.first.claim.selector)) found = other;
    }
    return found?.claim;
  }
}

function ofAnother<T extends SelectorClaim>(
  { first, second }: ClaimPair<T>,
  { resource }: T,
): Numbered<T> | undefined {
  return first.claim.resource === resource ? second : first;
}

function selectorKey({ selector }: SelectorClaim): string {
  return keyOf(...Object.entries(selector).sort().flat());
}
