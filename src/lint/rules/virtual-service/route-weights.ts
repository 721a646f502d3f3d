import { partsIn, specOf } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'route-weights',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'route destinations whose weights are all 0, or negative',
  why: 'The webhook rejects it: the default weight is 0, so two destinations without weights get no traffic. Weights need not add up to 100; each is relative to their sum.',
  fix: 'Give each destination a weight, for example 90 and 10.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const kind of ['http', 'tcp', 'tls'])
        for (const route of partsIn(specOf(resource), kind)) {
          let total = 0;
          let count = 0;
          for (const { path, value } of partsIn(route, 'route')) {
            const weight = value.weight ?? 0;
            count += 1;
            // A placeholder may be any number.
            total += typeof weight === 'number' ? weight : 1;
            if (typeof weight === 'number' && weight < 0)
              yield {
                resource,
                path: [...path, 'weight'],
                message: `"weight" can't be negative, but is ${String(weight)}.`,
              };
          }
          if (count > 1 && total === 0)
            yield {
              resource,
              path: [...route.path, 'route'],
              at: 'key',
              message: `The ${String(count)} destinations all have weight 0, the default, so nothing defines how they share the traffic.`,
            };
        }
  },
});
