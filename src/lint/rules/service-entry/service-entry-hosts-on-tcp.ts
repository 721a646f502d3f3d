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
  why: 'A plain TCP connection does not carry a host name, so the webhook rejects the combination unless the resolution is NONE. With addresses and resolution DNS, there is a warning for TLS ports too: all hosts share the addresses.',
  fix: 'Write a separate ServiceEntry for each host.',
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
            message: `${written === '' ? 'A port without a protocol' : `Protocol ${written}`} does not tell the ${String(hosts.length)} hosts apart.`,
          };
          break;
        }
        if (isLookedUp && isTls(protocol) && isList(addresses) && addresses.length > 0) {
          yield {
            resource,
            path: at,
            severity: 'warning',
            message: `All ${String(hosts.length)} hosts share the same addresses, which do not tell them apart.`,
          };
          break;
        }
      }
    }
  },
});
