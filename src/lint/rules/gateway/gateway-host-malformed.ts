import { specOf, textsIn } from '../../facts/part.ts';
import { hostMistake, isDnsLabel, isIpAddress, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-host-malformed',
  severity: 'error',
  kinds: ['Gateway'],
  summary:
    'a Gateway host that is not a valid domain: a short name, with a port, or with a wildcard in the middle',
  why: 'The webhook rejects the Gateway. A host is a full domain, `*`, or `*.` and a domain. A prefix `<namespace>/` limits which VirtualServices may bind.',
  fix: 'Use a host such as `shop.example.com`, `*.example.com` or `shop/*.example.com`.',
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
  if (namespace === '' || host === '') return 'has no namespace before or no name after "/"';
  if (namespace !== '*' && namespace !== '.' && !isDnsLabel(namespace))
    return 'starts with an invalid namespace name';
  if (isIpAddress(host) && host.includes('.')) return undefined;
  if (host !== '*' && !host.includes('.')) return 'is a short name, but a Gateway needs a full domain';
  if (host.startsWith('*') && host !== '*' && !host.startsWith('*.'))
    return 'has a wildcard that replaces only part of a label';
  return hostMistake(host);
}
