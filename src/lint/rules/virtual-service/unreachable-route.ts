import { stringAt } from '../../../model/json.ts';
import { shadowsOf, uncomparedMatches } from '../../facts/route-shadows.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'unreachable-route',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'a route that no request reaches, because earlier routes match them all',
  why: 'Routes are evaluated in order, and the first match wins. A route after one without conditions, or after a shorter prefix of the same path, is never used, and nothing reports it.',
  fix: 'Move the route before the one that matches its requests, or remove it.',
  equivalent: ['IST0130', 'IST0131'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0130/',
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute',
  ],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService')) {
      for (const { path, taker, isWhole } of shadowsOf(resource, inventory)) {
        if (!isWhole) continue;
        const { kind, route } = taker;
        const name = stringAt(resource.spec, kind, route, 'name');
        const earlier = name === undefined ? `${kind}[${String(route)}]` : `"${name}"`;
        yield {
          resource,
          path,
          message: `The earlier route ${earlier} already matches every request of this one.`,
        };
      }
      const uncompared = uncomparedMatches(resource, inventory);
      const [first] = uncompared;
      if (first !== undefined)
        yield {
          resource,
          path: first.path,
          severity: 'info',
          message: `This VirtualService has too many similar matches: ${String(uncompared.length)} ${uncompared.length === 1 ? 'was' : 'were'} not compared with all earlier ones, so there may be more unreachable routes.`,
          fix: 'Split the routes by path, or check their order yourself.',
        };
    }
  },
});
