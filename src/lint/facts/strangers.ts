import type { Resource } from '../../model/resource.ts';
import { listIn } from '../../model/list-in.ts';

/** Whether two objects may never meet in one namespace: one says which and the other does not, or neither does and
 *  nothing applies them together. Samples and test cases are mostly so. */
export function mayBeStrangers(one: Resource, other: Resource): boolean {
  return groupOf(one) !== groupOf(other);
}

/** Objects by those that they surely meet. */
export function groupsOf(resources: readonly Resource[]): Iterable<readonly Resource[]> {
  const groups = new Map<string, Resource[]>();
  for (const resource of resources) listIn(groups, groupOf(resource)).push(resource);
  return groups.values();
}

/** The same for objects that are no strangers to each other. */
export function groupOf({ hasNamespace, build }: Resource): string {
  return hasNamespace ? '' : `build ${build}`;
}
