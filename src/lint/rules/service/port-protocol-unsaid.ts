import { serverFirstProtocol } from '../../facts/known-software.ts';
import { isMeshedService, isServiceOfIstio } from '../../facts/mesh-use.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'port-protocol-unsaid',
  severity: 'info',
  kinds: ['Service'],
  summary: 'a port of a Service whose name does not say its protocol',
  why: 'The proxy looks at the first bytes to find out whether it is HTTP. That mostly works; but a policy about paths or methods then depends on what the client sends first, metrics are those of TCP for what is not recognised, and a protocol in which the server speaks first hangs. Told only of Services whose pods have sidecars, or whose namespace has objects of the mesh.',
  fix: 'Name the port `<protocol>` or `<protocol>-<anything>`, or set `appProtocol`.',
  equivalent: ['IST0118', 'KIA0601'],
  see: [
    'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0118/',
  ],
  *check(inventory) {
    for (const service of inventory.services) {
      if (service.externalName !== undefined || isServiceOfIstio(service)) continue;
      const unsaid = service.ports.filter(
        ({ protocol, transport, name, appProtocol }) =>
          protocol === 'sniffed' &&
          transport === 'TCP' &&
          appProtocol === undefined &&
          !hasPlaceholder(name ?? ''),
      );
      if (unsaid.length === 0 || !isMeshedService(inventory, service)) continue;
      for (const port of unsaid) {
        // server-first-port-sniffed has worse to say.
        if (serverFirstProtocol(service, port, inventory) !== undefined) continue;
        const { path, name, number } = port;
        yield {
          resource: service.resource,
          path: name === undefined ? path : [...path, 'name'],
          message:
            name === undefined
              ? `Port ${String(number)} has no name, so the proxy guesses its protocol.`
              : `"${name}" begins with no protocol that Istio knows, so the proxy guesses that of port ${String(number)}.`,
        };
      }
    }
  },
});
