import { partsIn, says, specOf } from '../../facts/part.ts';
import { isDelegate } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'delegate-malformed',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: "a delegate VirtualService with fields it can't have, or a route that both delegates and routes",
  why: 'A VirtualService without hosts is a delegate: HTTP routes that another VirtualService includes. The webhook rejects gateways, TLS and TCP routes in it, a nested delegate, and a route with both `delegate` and its own destination or redirect. Usually the hosts were forgotten.',
  fix: 'Add `hosts`, or move the field to the VirtualService that includes this one.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService')) {
      const spec = specOf(resource);
      const delegate = isDelegate(resource);
      if (delegate)
        for (const field of ['gateways', 'tls', 'tcp'])
          if (says(spec, field))
            yield {
              resource,
              path: ['spec', field],
              at: 'key',
              message: `Without hosts this VirtualService is a delegate, and a delegate can't have "${field}".`,
            };
      for (const route of partsIn(spec, 'http')) {
        if (!says(route, 'delegate')) continue;
        if (delegate)
          yield {
            resource,
            path: [...route.path, 'delegate'],
            at: 'key',
            message: "A delegate can't have a delegate itself.",
          };
        else
          for (const field of ['redirect', 'route'])
            if (route.value[field] !== undefined && route.value[field] !== null)
              yield {
                resource,
                path: [...route.path, field],
                at: 'key',
                message: `The route delegates, so it can't also have "${field}".`,
              };
      }
    }
  },
});
