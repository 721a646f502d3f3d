import { objectAt, stringAt } from '../../../model/json.ts';
import { partsIn, says, specOf } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isPort, nameMistake, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'egress-proxy-misplaced',
  severity: 'error',
  kinds: ['Sidecar'],
  summary: 'a Sidecar `egressProxy` without the mode ALLOW_ANY, a full name or a port',
  why: 'The webhook rejects the Sidecar. The proxy handles traffic to unknown hosts, which only ALLOW_ANY permits. The default mode is REGISTRY_ONLY.',
  fix: 'Set `mode: ALLOW_ANY`, and the host and port of the proxy.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/sidecar/#OutboundTrafficPolicy'],
  *check(inventory) {
    for (const resource of inventory.of('Sidecar'))
      for (const policy of partsIn(specOf(resource), 'outboundTrafficPolicy')) {
        if (!says(policy, 'egressProxy')) continue;
        const path = [...policy.path, 'egressProxy'];
        const { mode = 'REGISTRY_ONLY' } = policy.value;
        if (mode === 'REGISTRY_ONLY') {
          yield {
            resource,
            path,
            at: 'key',
            message: `An egress proxy requires the mode ALLOW_ANY, but the mode is REGISTRY_ONLY${policy.value.mode === undefined ? ' by default' : ''}.`,
          };
          continue;
        }
        const proxy = objectAt(policy.value, 'egressProxy');
        const host = stringAt(proxy, 'host');
        const mistake = host === undefined || hasPlaceholder(host) ? undefined : nameMistake(host);
        if (host !== undefined && mistake !== undefined)
          yield { resource, path: [...path, 'host'], message: `The host ${quoted(host)} ${mistake}.` };
        const { number } = objectAt(proxy, 'port');
        if (typeof number !== 'string' && !isPort(number))
          yield { resource, path, at: 'key', message: 'An egress proxy requires a port.' };
      }
  },
});
