import type { Inventory } from '../../mesh/inventory.ts';
import { groupsOf } from './strangers.ts';
import { describeResource, type KindName, type Resource } from '../../model/resource.ts';
import type { Finding } from '../rule.ts';

/** Objects of a kind of which a namespace has only one in force, each with another one that may be it. */
export function* rivalsForAll(
  kind: KindName,
  isForAll: (resource: Resource) => boolean,
  inventory: Inventory,
): Iterable<Finding> {
  const namespaces = new Set(inventory.of(kind).map(({ namespace }) => namespace));
  for (const namespace of namespaces)
    for (const rivals of groupsOf(inventory.inNamespace(kind, namespace).filter(isForAll)))
      for (const resource of rivals) {
        const other = rivals.find((each) => each !== resource);
        if (other === undefined) continue;
        yield {
          resource,
          path: ['metadata', 'name'],
          message: `${describeResource(other)} is for all pods of ${namespace} too, and only one of ${String(rivals.length)} counts.`,
        };
      }
}
