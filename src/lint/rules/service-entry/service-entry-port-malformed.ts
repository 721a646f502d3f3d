import { objectAt, stringAt } from '../../../model/json.ts';
import { partsIn, specOf } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { parseProtocol } from '../../../k8s/protocol.ts';
import { isDnsLabel, isPort, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-entry-port-malformed',
  severity: 'error',
  kinds: ['ServiceEntry'],
  summary: 'a ServiceEntry with a duplicate port number or name, or with an invalid port',
  why: 'The webhook rejects it, and the CRD rejects duplicate numbers. People list a number twice if a host serves both HTTP and TLS on it; write two ServiceEntries instead, or one port with protocol detection.',
  fix: 'Give each port a unique number and name, and a supported protocol.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/service-entry/#ServicePort'],
  *check(inventory) {
    for (const resource of inventory.of('ServiceEntry')) {
      const seen = new Set<string | number>();
      const isDynamic = resource.spec.resolution === 'DYNAMIC_DNS';
      for (const { path, value } of partsIn(specOf(resource), 'ports')) {
        const { name, number, targetPort } = objectAt(value);
        const at = (field: string) => ({ resource, path: [...path, field] });
        if (typeof name === 'string' && !hasPlaceholder(name)) {
          if (seen.has(name))
            yield { ...at('name'), message: `Another port is already named ${quoted(name)}.` };
          else if (!isDnsLabel(name))
            yield { ...at('name'), message: `The port name ${quoted(name)} is not a DNS label.` };
          seen.add(name);
        }
        if (typeof number === 'number') {
          if (seen.has(number)) yield { ...at('number'), message: `Port ${String(number)} is listed twice.` };
          else if (!isPort(number))
            yield { ...at('number'), message: `${String(number)} is not a valid port.` };
          seen.add(number);
        }
        if (typeof targetPort === 'number' && targetPort !== 0 && !isPort(targetPort))
          yield { ...at('targetPort'), message: `${String(targetPort)} is not a valid port.` };
        const written = stringAt(value, 'protocol') ?? '';
        if (hasPlaceholder(written)) continue;
        const protocol = parseProtocol(written);
        if (written !== '' && protocol === undefined)
          yield { ...at('protocol'), message: `${quoted(written)} is not a protocol that Istio supports.` };
        else if (isDynamic && !['http', 'http2', 'grpc', 'tls'].includes(protocol ?? ''))
          yield {
            ...at(written === '' ? 'number' : 'protocol'),
            message: 'With DYNAMIC_DNS the protocol must be HTTP, HTTP2, GRPC or TLS.',
          };
      }
    }
  },
});
