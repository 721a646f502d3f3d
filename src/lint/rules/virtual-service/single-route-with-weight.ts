import { listAt, valueAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'single-route-with-weight',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'a weight on the only destination of a route',
  why: 'Weights are relative to their sum, not percentages: a single destination gets all requests, whatever its weight. `weight: 10` without another destination sends everything to the canary.',
  fix: 'Remove the weight, or add the destination for the remaining traffic.',
  equivalent: ['KIA1104'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const kind of ['http', 'tls', 'tcp'])
        for (const [index, route] of listAt(resource.spec, kind).entries()) {
          const destinations = listAt(route, 'route');
          const weight = valueAt(destinations[0], 'weight');
          // 100 is what happens, and the webhook rejects 0.
          if (destinations.length !== 1 || typeof weight !== 'number' || weight === 100 || weight === 0)
            continue;
          const path = ['spec', kind, index, 'route', 0, 'weight'];
          yield {
            resource,
            path,
            message: `This is the only destination of the route, so it gets all requests, not ${String(weight)}%.`,
          };
        }
  },
});
