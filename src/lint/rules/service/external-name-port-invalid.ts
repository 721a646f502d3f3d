import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'external-name-port-invalid',
  severity: 'warning',
  kinds: ['Service'],
  summary: 'a port of an ExternalName Service that is called `tcp`, or by no protocol',
  why: 'A Service of type ExternalName is an alias, and the proxy can only follow it by the host name in a request: that takes HTTP or TLS. A port called `tcp` matches every address with that number, or nothing at all since Istio 1.21; without a known name the proxy has to guess.',
  fix: 'Name the port by what it speaks, `http` or `tls`; for TCP write a ServiceEntry with the addresses.',
  equivalent: ['IST0150'],
  see: ['https://istio.io/latest/docs/reference/config/analysis/ist0150/'],
  *check(inventory) {
    for (const { resource, externalName, ports } of inventory.services) {
      if (externalName === undefined) continue;
      for (const { path, name, number, protocol } of ports) {
        if (hasPlaceholder(name ?? '') || (protocol !== 'sniffed' && name !== 'tcp')) continue;
        yield {
          resource,
          path: name === undefined ? path : [...path, 'name'],
          message: `Port ${String(number)} of this alias for ${externalName || 'another name'} is ${name === undefined ? 'unnamed' : `called "${name}"`}, which tells the proxy no host to route by.`,
        };
      }
    }
  },
});
