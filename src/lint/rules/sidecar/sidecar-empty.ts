import { saying, specOf } from '../../facts/part.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sidecar-empty',
  severity: 'error',
  kinds: ['Sidecar'],
  summary: 'a Sidecar that configures nothing',
  why: 'The webhook refuses a Sidecar without `egress`, `ingress`, `outboundTrafficPolicy` and `inboundConnectionPool`: it would be the default, written down. It is mostly a wrong indentation.',
  fix: 'Say what it limits, or delete it.',
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
          message: 'The Sidecar says nothing about egress or ingress.',
        };
    }
  },
});
