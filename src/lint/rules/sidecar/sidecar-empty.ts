import { saying, specOf } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sidecar-empty',
  severity: 'error',
  kinds: ['Sidecar'],
  summary: 'a Sidecar that configures nothing',
  why: 'The webhook rejects a Sidecar that sets none of `egress`, `ingress`, `outboundTrafficPolicy` and `inboundConnectionPool`. The usual cause is wrong indentation.',
  fix: 'Add what it should limit, or remove the Sidecar.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/sidecar/#Sidecar'],
  *check(inventory) {
    for (const resource of inventory.of('Sidecar')) {
      const said = saying(
        specOf(resource),
        'egress',
        'ingress',
        'outboundTrafficPolicy',
        'inboundConnectionPool',
      );
      if (said.length === 0)
        yield {
          resource,
          path: ['spec'],
          at: 'key',
          message: 'The Sidecar configures neither egress nor ingress.',
        };
    }
  },
});
