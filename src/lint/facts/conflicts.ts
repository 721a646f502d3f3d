import type { Inventory } from '../../mesh/inventory.ts';
import { groupsOf } from './unrelated.ts';
import { describeResource, type KindName, type Resource } from '../../model/resource.ts';
import type { Finding } from '../rule.ts';

/** Objects of a kind of which only one takes effect in a namespace, each with another one that may be it. */
export function* conflictsForAll(
  kind: KindName,
  isForAll: (resource: Resource) => boolean,
  inventory: Inventory,
): Iterable<Finding> {
  const namespaces = new Set(inventory.of(kind).map(({ namespace }) => namespace));
  for (const namespace of namespaces)
    for (const conflicting of groupsOf(inventory.inNamespace(kind, namespace).filter(isForAll)))
      for (const resource of conflicting) {
        const other = conflicting.find((each) => each !== resource);
        if (other === undefined) continue;
        yield {
          resource,
          path: ['metadata', 'name'],
          message: `${describeResource(other)} also applies to all pods in ${namespace}, and only one of ${String(conflicting.length)} takes effect.`,
        };
      }
}
