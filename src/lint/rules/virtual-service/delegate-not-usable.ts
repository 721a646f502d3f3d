import { isObject, listAt, stringAt, stringsAt, valueAt } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { isExportedTo } from '../../../k8s/host.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { isFilledByOthers, knowsServicesOf } from '../../../mesh/coverage.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'delegate-not-usable',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a route with a delegate that does not exist, is not visible, or is not a delegate',
  why: 'Istio silently drops the delegated route: its requests fall through to the next route or get a 404 (NR). A delegate must have no hosts and no delegate of its own, and must be exported to the namespace of the VirtualService that refers to it. The rule skips namespaces that were not read.',
  fix: 'Refer to a VirtualService without hosts that is exported to this namespace.',
  equivalent: ['IST0101'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const [index, route] of listAt(resource.spec, 'http').entries()) {
        const delegate = valueAt(route, 'delegate');
        if (!isObject(delegate)) continue;
        const name = stringAt(delegate, 'name') ?? '';
        const namespace = stringAt(delegate, 'namespace') ?? resource.namespace;
        if (name === '' || hasPlaceholder(name) || hasPlaceholder(namespace)) continue;
        const fault = faultOf(namespace, name, resource, inventory);
        if (fault === undefined) continue;
        const path = ['spec', 'http', index, 'delegate', 'name'];
        yield { resource, path, message: `The delegate ${namespace}/${name} ${fault}.` };
      }
  },
});

function faultOf(namespace: string, name: string, root: Resource, inventory: Inventory): string | undefined {
  const found = inventory.find('VirtualService', namespace, name);
  if (found === undefined) {
    const isOther = namespace !== root.namespace;
    if (isOther ? !inventory.isRead(namespace) : !knowsServicesOf(namespace, inventory)) return undefined;
    return isFilledByOthers(namespace, inventory) ? undefined : 'does not exist';
  }
  if (listAt(found.spec, 'hosts').length > 0) return 'has its own hosts, so it is not a delegate';
  if (listAt(found.spec, 'http').some((route) => isObject(valueAt(route, 'delegate'))))
    return 'has a delegate itself, which Istio does not support';
  return isExportedTo(stringsAt(found.spec, 'exportTo'), namespace, root.namespace)
    ? undefined
    : `is not exported to ${root.namespace}`;
}
