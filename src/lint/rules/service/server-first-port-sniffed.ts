import { serverFirstProtocol } from '../../facts/known-software.ts';
import { isMeshedService } from '../../facts/mesh-use.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'server-first-port-sniffed',
  severity: 'warning',
  kinds: ['Service'],
  summary: 'a port whose server speaks first, without a protocol in its name',
  why: 'To guess a protocol the proxy waits for the first bytes of the client. With MySQL, SMTP, FTP, IMAP or NATS the client waits for the server: nobody speaks, and the connection hangs until one of them gives up. Only the ports 25, 53, 3306 and 27017 are taken for TCP by their number. Databases where the client begins (PostgreSQL, Redis, MongoDB, Kafka) are not told.',
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
        const place = { resource: service.resource, path: name === undefined ? path : [...path, 'name'] };
        yield {
          ...place,
          message: `Port ${String(number)} looks like ${speaks}, where the server speaks first, and the proxy waits for the client to.`,
          ...(name !== undefined && appProtocol === undefined && { fix: `Name it tcp-${name}.` }),
        };
      }
    }
  },
});
