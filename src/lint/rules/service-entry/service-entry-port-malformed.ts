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
  summary:
    'two ports of a ServiceEntry with one number or name, or a port with a name or protocol that is none',
  why: 'The webhook refuses it, and the CRD the number that is there twice. A number is listed twice when a host speaks HTTP and TLS on it: write two ServiceEntries then, or one port that is sniffed.',
  fix: 'Give each port a number and a name of its own, and a protocol of the list.',
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
          if (seen.has(name)) yield { ...at('name'), message: `Another port is called ${quoted(name)}.` };
          else if (!isDnsLabel(name))
            yield { ...at('name'), message: `A port can't be called ${quoted(name)}.` };
          seen.add(name);
        }
        if (typeof number === 'number') {
          if (seen.has(number))
            yield { ...at('number'), message: `Port ${String(number)} is listed already.` };
          else if (!isPort(number)) yield { ...at('number'), message: `${String(number)} is no port.` };
          seen.add(number);
        }
        if (typeof targetPort === 'number' && targetPort !== 0 && !isPort(targetPort))
          yield { ...at('targetPort'), message: `${String(targetPort)} is no port.` };
        const written = stringAt(value, 'protocol') ?? '';
        if (hasPlaceholder(written)) continue;
        const protocol = parseProtocol(written);
        if (written !== '' && protocol === undefined)
          yield { ...at('protocol'), message: `Istio has no protocol ${quoted(written)}.` };
        else if (isDynamic && !['http', 'http2', 'grpc', 'tls'].includes(protocol ?? ''))
          yield {
            ...at(written === '' ? 'number' : 'protocol'),
            message: 'With DYNAMIC_DNS a port is HTTP, HTTP2, GRPC or TLS.',
          };
      }
    }
  },
});
