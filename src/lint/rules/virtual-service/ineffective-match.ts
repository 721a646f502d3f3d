import { shadowsOf } from '../../facts/route-shadows.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'ineffective-match',
  severity: 'info',
  kinds: ['VirtualService'],
  summary: 'a condition of a route that an earlier one includes',
  why: 'The first match that fits has the request, so a condition that is a part of an earlier one, or the same again, changes nothing. Where the earlier one is of another route, requests do not go where this one says.',
  fix: 'Remove the condition, or move its route to the front.',
  equivalent: ['IST0131'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0131/',
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest',
  ],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const { path, entry, taker, isWhole } of shadowsOf(resource, inventory)) {
        if (isWhole) continue;
        const place = `${taker.kind}[${String(taker.route)}]`;
        const where =
          entry.route === taker.route ? 'An earlier match of this route' : `An earlier match, of ${place},`;
        yield { resource, path, message: `${where} takes every request that this one could have.` };
      }
  },
});
