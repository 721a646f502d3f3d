import { says, specOf } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'virtual-service-without-routes',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a VirtualService without http, tls or tcp routes',
  why: 'The webhook rejects it. The usual cause is wrong indentation, or a kustomize patch that should add the routes but did not match.',
  fix: 'Add a route, or remove the VirtualService: without one, requests go to the Service directly.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      if (!says(specOf(resource), 'http', 'tcp', 'tls'))
        yield { resource, path: ['spec'], at: 'key', message: 'The VirtualService has no routes.' };
  },
});
