import { entriesIn, specOf } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { appliesToSidecars } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'jwt-claim-route-on-mesh',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a route by JWT claim (@request.auth.claims) in a VirtualService that applies to sidecars',
  why: 'Only gateways can route by JWT claims. The webhook rejects it if `gateways` is missing or includes `mesh`.',
  fix: 'Bind the VirtualService only to a gateway, and use a header to route between services.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/tasks/security/authentication/jwt-route/'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService')) {
      if (!appliesToSidecars(resource)) continue;
      for (const field of ['headers', 'withoutHeaders'])
        for (const { path, key } of entriesIn(specOf(resource), 'http', 'match', field))
          if (/^@request\.auth\.claims(\..|\[.+\]$)/i.test(key))
            yield {
              resource,
              path,
              at: 'key',
              message: `Sidecars can't route by ${quoted(key)}: only gateways can use JWT claims.`,
            };
    }
  },
});
