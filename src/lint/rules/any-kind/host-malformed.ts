import type { KindName, Resource } from '../../../model/resource.ts';
import { specOf, textsIn } from '../../facts/part.ts';
import { hasPlaceholderWord } from '../../../mesh/placeholder.ts';
import { hostMistake, isIpAddress, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

const places: readonly (readonly [KindName, ...string[]])[] = [
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
    'a host that is no domain: with a port, a scheme or a path, an underscore, or a wildcard in the middle',
  why: 'The webhook refuses the object. A host is a name alone; ports, paths and schemes have fields of their own, and a wildcard can only stand for the first part.',
  fix: 'Write the bare name, as `catalog.shop.svc.cluster.local`.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService'],
  *check(inventory) {
    for (const [kind, ...keys] of places)
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
  if (isDestination && text === '*') return 'is everything, where one destination is to be named';
  if (known === 'VirtualService' && keys[0] === 'hosts') {
    if (isIpAddress(text)) return undefined;
    // What the gateway between clusters calls its services.
    if (text.startsWith('outbound_')) return undefined;
  }
  if (hasPlaceholderWord(text)) return undefined;
  // Said by service-entry-host.
  if (known === 'ServiceEntry' && text === '*') return undefined;
  return hostMistake(text);
}
