import { shadowsOf } from '../../facts/route-shadows.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'ineffective-match',
  severity: 'info',
  kinds: ['VirtualService'],
  summary: 'a route match that an earlier match already covers',
  why: 'The first match wins, so a match that an earlier one covers or repeats has no effect. If the earlier one belongs to another route, requests do not go where this route sends them.',
  fix: 'Remove the match, or move its route before the other.',
  equivalent: ['IST0131'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0131/',
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest',
  ],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const { path, entry, taker, isWhole } of shadowsOf(resource, inventory)) {
        if (isWhole) continue;
        const location = `${taker.kind}[${String(taker.route)}]`;
        const where =
          entry.route === taker.route ? 'An earlier match in this route' : `An earlier match in ${location}`;
        yield { resource, path, message: `${where} already covers every request that this one matches.` };
      }
  },
});
