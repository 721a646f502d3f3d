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
  summary: 'a route that is delegated to a VirtualService that is not there, not visible, or no delegate',
  why: 'Only the delegated route is dropped, in silence: its requests fall to the next route, or are answered 404 (NR). A delegate has no hosts, hands nothing on to another, and must be exported to the namespace of the one that names it. Silent about namespaces of which nothing was read.',
  fix: 'Name a VirtualService without hosts that is exported to this namespace.',
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
  if (listAt(found.spec, 'hosts').length > 0) return 'has hosts of its own, and so is no delegate';
  if (listAt(found.spec, 'http').some((route) => isObject(valueAt(route, 'delegate'))))
    return 'delegates in turn, which Istio does not follow';
  return isExportedTo(stringsAt(found.spec, 'exportTo'), namespace, root.namespace)
    ? undefined
    : `is not exported to ${root.namespace}`;
}
