import { serverFirstProtocol } from '../../facts/known-software.ts';
import { isMeshedService, isServiceOfIstio } from '../../facts/mesh-use.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'port-protocol-unsaid',
  severity: 'info',
  kinds: ['Service'],
  summary: 'a Service port that does not declare its protocol',
  why: 'The proxy detects HTTP from the first bytes. That usually works, but a policy for paths or methods then depends on what the client sends first, unrecognized traffic gets only TCP metrics, and server-first protocols hang. The rule reports only Services whose pods have sidecars or whose namespace has Istio objects.',
  fix: 'Name the port `<protocol>` or `<protocol>-<anything>`, or set `appProtocol`.',
  equivalent: ['IST0118', 'KIA0601'],
  see: [
    'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0118/',
  ],
  *check(inventory) {
    for (const service of inventory.services) {
      if (service.externalName !== undefined || isServiceOfIstio(service)) continue;
      const undeclared = service.ports.filter(
        ({ protocol, transport, name, number, appProtocol }) =>
          protocol === 'sniffed' &&
          transport === 'TCP' &&
          appProtocol === undefined &&
          !isStatusPort(name, number) &&
          !hasPlaceholder(name ?? ''),
      );
      if (undeclared.length === 0 || !isMeshedService(inventory, service)) continue;
      for (const port of undeclared) {
        // server-first-port-sniffed reports the worse problem.
        if (serverFirstProtocol(service, port, inventory) !== undefined) continue;
        const { path, name, number } = port;
        yield {
          resource: service.resource,
          path: name === undefined ? path : [...path, 'name'],
          message:
            name === undefined
              ? `Port ${String(number)} has no name, so the proxy has to detect its protocol.`
              : `"${name}" does not start with a protocol that Istio knows, so the proxy has to detect the protocol of port ${String(number)}.`,
        };
      }
    }
  },
});

/** The name and number that Istio's own charts give the health port of a gateway. */
function isStatusPort(name: string | undefined, number: number): boolean {
  return name === 'status-port' && number === 15021;
}
