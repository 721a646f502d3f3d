import { isObject } from '../../../model/json.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'tls-without-mode',
  severity: 'error',
  kinds: ['DestinationRule'],
  summary: 'a `tls` block of a DestinationRule without `mode`',
  why: 'The mode is an enumeration whose first value is DISABLE, so `tls: {}`, or a block with only other fields, sends plain text: sidecars under STRICT reset the connection, and callers see 503. People write it to "turn TLS on", or delete the mode and keep the block.',
  fix: 'Set `mode: ISTIO_MUTUAL`, or delete the block to leave the choice to auto mTLS.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#ClientTLSSettings-TLSmode',
  ],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule'))
      for (const { path, policy } of trafficPolicies(resource)) {
        const { tls } = policy;
        if (!isObject(tls) || Object.hasOwn(tls, 'mode')) continue;
        yield {
          resource,
          path: [...path, 'tls'],
          at: 'key',
          message:
            'The "tls" block names no "mode", and Istio reads that as DISABLE: calls go out in plain text.',
        };
      }
  },
});
