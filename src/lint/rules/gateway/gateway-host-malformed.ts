import { specOf, textsIn } from '../../facts/part.ts';
import { hostMistake, isDnsLabel, isIpAddress, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-host-malformed',
  severity: 'error',
  kinds: ['Gateway'],
  summary:
    'a host of a Gateway that is no domain, such as a short name, one with a port, or a wildcard in the middle',
  why: 'The webhook refuses the Gateway. A host is a full domain, `*`, or `*.` and a domain, with a namespace and `/` before it to say whose VirtualServices may bind.',
  fix: 'Write `shop.example.com`, `*.example.com`, or `shop/*.example.com`.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/gateway/#Server'],
  *check(inventory) {
    for (const resource of inventory.of('Gateway'))
      for (const { path, text } of textsIn(specOf(resource), 'servers', 'hosts')) {
        const mistake = mistakeOf(text);
        if (mistake !== undefined) yield { resource, path, message: `The host ${quoted(text)} ${mistake}.` };
      }
  },
});

function mistakeOf(text: string): string | undefined {
  const slash = text.indexOf('/');
  const namespace = slash < 0 ? '*' : text.slice(0, slash);
  const host = text.slice(slash + 1);
  if (text.includes('://')) return 'is a URL';
  if (namespace === '' || host === '') return 'lacks the namespace or the name beside "/"';
  if (namespace !== '*' && namespace !== '.' && !isDnsLabel(namespace))
    return 'starts with no name of a namespace';
  if (isIpAddress(host) && host.includes('.')) return undefined;
  if (host !== '*' && !host.includes('.')) return 'is a short name, which a Gateway does not complete';
  if (host.startsWith('*') && host !== '*' && !host.startsWith('*.'))
    return 'has a wildcard for a part of a label';
  return hostMistake(host);
}
