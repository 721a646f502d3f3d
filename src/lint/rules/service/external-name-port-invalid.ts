import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'external-name-port-invalid',
  severity: 'warning',
  kinds: ['Service'],
  summary: 'an ExternalName Service with a port named `tcp`, or without a protocol in its name',
  why: 'A Service of type ExternalName is an alias that the proxy can only resolve from the host name in a request, which requires HTTP or TLS. A port named `tcp` matches every address with that port number, or nothing at all since Istio 1.21; without a known protocol in the name, the proxy has to detect it.',
  fix: 'Name the port after its protocol, `http` or `tls`; for TCP, write a ServiceEntry with addresses.',
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
          message: `Port ${String(number)} of this alias for ${externalName || 'another name'} is ${name === undefined ? 'unnamed' : `named "${name}"`}, so the proxy gets no host to route by.`,
        };
      }
    }
  },
});
