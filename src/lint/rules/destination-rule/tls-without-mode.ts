import { isObject } from '../../../model/json.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'tls-without-mode',
  severity: 'error',
  kinds: ['DestinationRule'],
  summary: 'a DestinationRule `tls` block without `mode`',
  why: 'The default of `mode` is DISABLE, so `tls: {}`, or a block with only other fields, sends plaintext: STRICT sidecars reset the connection, and callers see a 503. People write it to "turn TLS on", or remove the mode and leave the block.',
  fix: 'Set `mode: ISTIO_MUTUAL`, or remove the block and let auto mTLS decide.',
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
          message: 'The "tls" block has no "mode", which Istio reads as DISABLE: calls go out in plaintext.',
        };
      }
  },
});
