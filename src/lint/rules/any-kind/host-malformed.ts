import type { KindName, Resource } from '../../../model/resource.ts';
import { specOf, textsIn } from '../../facts/part.ts';
import { hasPlaceholderWord } from '../../../mesh/placeholder.ts';
import { hostMistake, isIpAddress, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

const hostFields: readonly (readonly [KindName, ...string[]])[] = [
  ['VirtualService', 'hosts'],
  ['VirtualService', 'http', 'route', 'destination', 'host'],
  ['VirtualService', 'http', 'mirror', 'host'],
  ['VirtualService', 'http', 'mirrors', 'destination', 'host'],
  ['VirtualService', 'tcp', 'route', 'destination', 'host'],
  ['VirtualService', 'tls', 'route', 'destination', 'host'],
  ['DestinationRule', 'host'],
  ['ServiceEntry', 'hosts'],
];

export default rule({
  id: 'host-malformed',
  severity: 'error',
  kinds: ['VirtualService', 'DestinationRule', 'ServiceEntry'],
  summary:
    'a host that is not a valid DNS name: it has a port, a scheme, a path, an underscore, or a wildcard in the middle',
  why: 'The webhook rejects the object. A host is only a name: ports, paths and schemes have their own fields, and a wildcard can only replace the first label.',
  fix: 'Write only the name, for example `catalog.shop.svc.cluster.local`.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService'],
  *check(inventory) {
    for (const [kind, ...keys] of hostFields)
      for (const resource of inventory.of(kind))
        for (const { path, text } of textsIn(specOf(resource), ...keys)) {
          const mistake = mistakeOf(text, keys, resource);
          if (mistake !== undefined)
            yield { resource, path, message: `The host ${quoted(text)} ${mistake}.` };
        }
  },
});

function mistakeOf(text: string, keys: readonly string[], { known }: Resource): string | undefined {
  const isDestination = keys.includes('destination') || keys.includes('mirror');
  if (isDestination && text === '*') return 'matches every host, but a destination must be a single host';
  if (known === 'VirtualService' && keys[0] === 'hosts') {
    if (isIpAddress(text)) return undefined;
    // Names that east-west gateways use for services.
    if (text.startsWith('outbound_')) return undefined;
  }
  if (hasPlaceholderWord(text)) return undefined;
  // service-entry-host reports it.
  if (known === 'ServiceEntry' && text === '*') return undefined;
  return hostMistake(text);
}
