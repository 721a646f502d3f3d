import { isList, stringAt } from '../../../model/json.ts';
import { partsIn, specOf } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isHttp, isTls, parseProtocol } from '../../../k8s/protocol.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-entry-hosts-on-tcp',
  severity: 'error',
  kinds: ['ServiceEntry'],
  summary: 'a ServiceEntry with several hosts and a port that is neither HTTP nor TLS',
  why: 'Plain TCP does not say which host it is for, so the webhook refuses the combination, unless the resolution is NONE. With addresses and resolution DNS, TLS ports are warned about as well: all hosts share the addresses.',
  fix: 'Write one ServiceEntry for each host.',
  equivalent: ['IST0106', 'IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry'],
  *check(inventory) {
    for (const resource of inventory.of('ServiceEntry')) {
      const { hosts, addresses, resolution = 'NONE' } = resource.spec;
      if (!isList(hosts) || hosts.length < 2 || resolution === 'NONE') continue;
      if (typeof resolution !== 'string' || hasPlaceholder(resolution)) continue;
      const isLookedUp = resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN';
      for (const { path, value } of partsIn(specOf(resource), 'ports')) {
        const written = stringAt(value, 'protocol') ?? '';
        if (hasPlaceholder(written)) continue;
        const protocol = parseProtocol(written);
        const at = written === '' ? path : [...path, 'protocol'];
        if (!isHttp(protocol) && !isTls(protocol)) {
          yield {
            resource,
            path: at,
            message: `${written === '' ? 'A port without a protocol' : `Protocol ${written}`} can't tell the ${String(hosts.length)} hosts apart.`,
          };
          break;
        }
        if (isLookedUp && isTls(protocol) && isList(addresses) && addresses.length > 0) {
          yield {
            resource,
            path: at,
            severity: 'warning',
            message: `The ${String(hosts.length)} hosts share the addresses, which do not tell them apart.`,
          };
          break;
        }
      }
    }
  },
});
