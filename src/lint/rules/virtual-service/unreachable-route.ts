import { stringAt } from '../../../model/json.ts';
import { shadowsOf } from '../../facts/route-shadows.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'unreachable-route',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'a route that no request gets to, since earlier ones take them all',
  why: 'Routes are tried in the order they are written, and the first that matches has the request. What stands behind a route without conditions, or behind a shorter prefix of the same path, is never used; nothing says so.',
  fix: 'Move the route before the one that takes its requests, or remove it.',
  equivalent: ['IST0130', 'IST0131'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0130/',
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute',
  ],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const { path, taker, isWhole } of shadowsOf(resource, inventory)) {
        if (!isWhole) continue;
        const { kind, route } = taker;
        const name = stringAt(resource.spec, kind, route, 'name');
        const earlier = name === undefined ? `${kind}[${String(route)}]` : `"${name}"`;
        yield {
          resource,
          path,
          message: `The earlier route ${earlier} takes every request that this one could have.`,
        };
      }
  },
});
