import { listAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { hasPlaceholder } from './placeholder.ts';

/** Whether a VirtualService routes what sidecars send: it names no gateway, or `mesh` among them. A placeholder might be it,
 *  and is taken for a gateway. */
export function appliesToSidecars({ spec }: Pick<Resource, 'spec'>): boolean {
  const gateways = listAt(spec, 'gateways');
  return gateways.length === 0 || gateways.includes('mesh');
}

/** Whether a VirtualService is included by others and has no hosts of its own. */
export function isDelegate({ spec }: Pick<Resource, 'spec'>): boolean {
  return (
    listAt(spec, 'hosts').length === 0 && !(typeof spec.hosts === 'string' && hasPlaceholder(spec.hosts))
  );
}
