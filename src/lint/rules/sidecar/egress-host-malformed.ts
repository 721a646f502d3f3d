import { isList } from '../../../model/json.ts';
import { partsIn, specOf, textsIn } from '../../facts/part.ts';
import { hostMistake, isDnsLabel, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'egress-host-malformed',
  severity: 'error',
  kinds: ['Sidecar'],
  summary: 'an egress host of a Sidecar that is not `namespace/name`, with a full name or a wildcard',
  why: 'The webhook refuses the Sidecar. Each host has a namespace (`.` for its own, `*` for all), a slash, and a full name or a wildcard.',
  fix: 'Write `shop/catalog.shop.svc.cluster.local`, `shop/*`, `./*` or `*/api.example.com`.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener'],
  *check(inventory) {
    for (const resource of inventory.of('Sidecar')) {
      for (const { path, value } of partsIn(specOf(resource), 'egress'))
        if (isList(value.hosts) && value.hosts.length === 0)
          yield {
            resource,
            path: [...path, 'hosts'],
            at: 'key',
            message: 'The egress listener has no hosts.',
            fix: 'List hosts; `~/*` says that nothing is called.',
          };
      for (const { path, text } of textsIn(specOf(resource), 'egress', 'hosts')) {
        const mistake = mistakeOf(text);
        if (mistake !== undefined)
          yield { resource, path, message: `The egress host ${quoted(text)} ${mistake}.`, ...fixOf(text) };
      }
    }
  },
});

function mistakeOf(text: string): string | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return 'lacks a namespace and "/" before the name';
  const namespace = text.slice(0, slash).replace(/^~/, '');
  const host = text.slice(slash + 1);
  if (slash === 0 || host === '') return 'lacks the namespace or the name beside "/"';
  if (namespace !== '' && namespace !== '*' && namespace !== '.' && !isDnsLabel(namespace))
    return 'starts with no name of a namespace';
  // A short name: egress-host-short.
  if (isDnsLabel(host)) return undefined;
  if (host.startsWith('*') && host !== '*' && !host.startsWith('*.'))
    return 'has a wildcard for a part of a label';
  return hostMistake(host);
}

function fixOf(text: string): { fix?: string } {
  return /^[\w-]+$/.test(text) ? { fix: `Write ${text}/* for everything in the namespace ${text}.` } : {};
}
