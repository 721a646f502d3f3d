import { isList } from '../../../model/json.ts';
import { listed, partsIn, says, saying, specOf } from '../../facts/part.ts';
import { isDelegate } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'route-without-destination',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a route without a destination, or with several actions',
  why: 'The webhook rejects it. An HTTP route must have exactly one of `route`, `redirect`, `directResponse` and `delegate`; `rewrite` and `fault` require a destination. TCP and TLS routes need a `route`, and TLS routes a `match` with SNI hosts.',
  fix: 'Add a destination, or keep only one action.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService')) {
      const spec = specOf(resource);
      for (const route of partsIn(spec, 'http')) {
        const { path } = route;
        if (says(route, 'delegate') && !isDelegate(resource)) continue;
        const actions = saying(route, 'redirect', 'directResponse', 'route');
        const first = actions[0];
        if (first === undefined)
          yield {
            resource,
            path,
            message: 'The route has no "route", "redirect", "directResponse" or "delegate".',
          };
        else if (first !== 'route') {
          const others = [...actions.slice(1), ...saying(route, 'fault', 'rewrite')];
          if (others[0] !== undefined)
            yield {
              resource,
              path: [...path, others[0]],
              at: 'key',
              message: `A route with ${listed([first])} can't also have ${listed(others)}.`,
            };
        }
        if (says(route, 'mirror') && says(route, 'mirrors'))
          yield {
            resource,
            path: [...path, 'mirrors'],
            at: 'key',
            message: '"mirror" and "mirrors" are mutually exclusive.',
          };
      }
      for (const kind of ['tcp', 'tls'])
        for (const route of partsIn(spec, kind)) {
          if (!says(route, 'route'))
            yield {
              resource,
              path: route.path,
              message: `The ${kind.toUpperCase()} route has no destination ("route").`,
            };
          if (kind === 'tls' && isList(route.value.match) && route.value.match.length === 0)
            yield {
              resource,
              path: [...route.path, 'match'],
              at: 'key',
              message: 'A TLS route must match at least one SNI host.',
            };
          if (kind === 'tls')
            for (const match of partsIn(route, 'match'))
              if (isList(match.value.sniHosts) && match.value.sniHosts.length === 0)
                yield {
                  resource,
                  path: [...match.path, 'sniHosts'],
                  at: 'key',
                  message: 'A TLS route must match at least one SNI host.',
                };
        }
    }
  },
});
