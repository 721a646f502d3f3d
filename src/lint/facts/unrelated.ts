import type { Resource } from '../../model/resource.ts';
import { listIn } from '../../model/list-in.ts';

/** Whether two objects may never be in one namespace: only one states its namespace, or neither does and nothing applies
 *  them together. Most samples and test cases are like that. */
export function mayBeUnrelated(one: Resource, other: Resource): boolean {
  return groupOf(one) !== groupOf(other);
}

/** Objects in groups that are surely together. */
export function groupsOf(resources: readonly Resource[]): Iterable<readonly Resource[]> {
  const groups = new Map<string, Resource[]>();
  for (const resource of resources) listIn(groups, groupOf(resource)).push(resource);
  return groups.values();
}

/** Equal for objects that are related to each other. */
export function groupOf({ hasNamespace, build }: Resource): string {
  return hasNamespace ? '' : `build ${build}`;
}
