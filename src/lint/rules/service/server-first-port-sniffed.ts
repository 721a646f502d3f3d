import { serverFirstProtocol } from '../../facts/known-software.ts';
import { isMeshedService } from '../../facts/mesh-use.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'server-first-port-sniffed',
  severity: 'warning',
  kinds: ['Service'],
  summary: 'a port with a server-first protocol that does not declare its protocol',
  why: 'To detect the protocol, the proxy waits for the client’s first bytes. With MySQL, SMTP, FTP, IMAP or NATS the client waits for the server, so neither sends anything and the connection hangs until it times out. Istio treats only the ports 25, 53, 3306 and 27017 as TCP by number. The rule does not report databases where the client sends first (PostgreSQL, Redis, MongoDB, Kafka).',
  fix: 'Name the port `tcp-…`, or set `appProtocol: tcp`.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/ops/deployment/application-requirements/#server-first-protocols',
    'https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/',
  ],
  *check(inventory) {
    for (const service of inventory.services) {
      const sniffed = service.ports.filter(
        ({ protocol, transport }) => protocol === 'sniffed' && transport === 'TCP',
      );
      if (sniffed.length === 0 || !isMeshedService(inventory, service)) continue;
      for (const port of sniffed) {
        const { path, name, number, appProtocol } = port;
        const speaks = serverFirstProtocol(service, port, inventory);
        if (speaks === undefined) continue;
        const location = { resource: service.resource, path: name === undefined ? path : [...path, 'name'] };
        yield {
          ...location,
          message: `Port ${String(number)} looks like ${speaks}, where the server sends first, but the proxy waits for the client.`,
          ...(name !== undefined && appProtocol === undefined && { fix: `Name it tcp-${name}.` }),
        };
      }
    }
  },
});
