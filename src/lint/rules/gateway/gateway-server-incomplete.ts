import { isList, objectAt, stringAt, valueAt } from '../../../model/json.ts';
import { partsIn, says, specOf } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { parseProtocol } from '../../../k8s/protocol.ts';
import { isDnsLabel, isIpAddress, isPort, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-server-incomplete',
  severity: 'error',
  kinds: ['Gateway'],
  summary: 'a Gateway without servers, or a server without hosts or with an incomplete port',
  why: "The webhook rejects the Gateway: each server needs hosts and a port with a number, a name and a protocol that Istio supports. A `targetPort` is not allowed, and the name of a Gateway can't contain dots.",
  fix: 'Complete the server, for example `port: {number: 443, name: https, protocol: HTTPS}` with `hosts`.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/gateway/#Server'],
  *check(inventory) {
    for (const resource of inventory.of('Gateway')) {
      const { spec, name } = resource;
      if (name !== '' && !hasPlaceholder(name) && !isDnsLabel(name))
        yield {
          resource,
          path: ['metadata', 'name'],
          message: `The Gateway name ${quoted(name)} is not a DNS label.`,
        };
      const { servers } = spec;
      if (servers === undefined || servers === null || (isList(servers) && servers.length === 0)) {
        yield { resource, path: ['spec'], at: 'key', message: 'The Gateway has no servers.' };
        continue;
      }
      for (const server of partsIn(specOf(resource), 'servers')) {
        const { path, value } = server;
        if (isList(value.hosts) && value.hosts.length === 0)
          yield { resource, path: [...path, 'hosts'], at: 'key', message: 'The server has no hosts.' };
        const port = objectAt(value, 'port');
        const at = [...path, 'port'];
        const protocol = stringAt(port, 'protocol');
        if (protocol !== undefined && !hasPlaceholder(protocol) && parseProtocol(protocol) === undefined)
          yield {
            resource,
            path: [...at, 'protocol'],
            message: `${quoted(protocol)} is not a protocol that Istio supports.`,
            fix: 'Use one of HTTP, HTTPS, HTTP2, GRPC, GRPC-WEB, TLS, TCP, MONGO, MYSQL or REDIS.',
          };
        if (port.name === '')
          yield { resource, path: [...at, 'name'], message: 'The port of the server has an empty name.' };
        if (says({ path: at, value: port }, 'targetPort') && port.targetPort !== 0)
          yield {
            resource,
            path: [...at, 'targetPort'],
            at: 'key',
            message: 'A "targetPort" is not allowed on a Gateway.',
            fix: 'Remove it; the Service of the gateway maps the port to its pods.',
          };
        const bind = stringAt(value, 'bind') ?? '';
        const number = valueAt(port, 'number');
        const isSocket = bind.startsWith('unix://');
        if (typeof number === 'number' && !isPort(number) && !(isSocket && number === 0))
          yield { resource, path: [...at, 'number'], message: `${String(number)} is not a valid port.` };
        if (bind !== '' && !isSocket && !hasPlaceholder(bind) && !isIpAddress(bind))
          yield {
            resource,
            path: [...path, 'bind'],
            message: `"bind" must be an IP address or a unix:// socket, but is ${quoted(bind)}.`,
          };
        if (isSocket && isPort(number))
          yield {
            resource,
            path: [...at, 'number'],
            message: 'A server on a Unix socket must have the port number 0.',
          };
      }
    }
  },
});
