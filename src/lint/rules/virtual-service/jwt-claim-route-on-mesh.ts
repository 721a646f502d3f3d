import { entriesIn, specOf } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { appliesToSidecars } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'jwt-claim-route-on-mesh',
  severity: 'error',
  kinds: ['VirtualService'],
  summary:
    'a route by a claim of a token (@request.auth.claims) in a VirtualService that applies to sidecars',
  why: 'Only gateways can route by claims. The webhook refuses it where `gateways` is missing or has `mesh`.',
  fix: 'Bind the VirtualService to a gateway alone, and route between services by a header.',
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
              message: `Sidecars can't route by ${quoted(key)}: only gateways read claims.`,
            };
    }
  },
});
