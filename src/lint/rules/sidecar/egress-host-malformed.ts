import { isList } from '../../../model/json.ts';
import { partsIn, specOf, textsIn } from '../../facts/part.ts';
import { hostMistake, isDnsLabel, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'egress-host-malformed',
  severity: 'error',
  kinds: ['Sidecar'],
  summary: 'a Sidecar egress host that is not `namespace/name` with a full name or a wildcard',
  why: 'The webhook rejects the Sidecar. Each host needs a namespace (`.` for its own, `*` for all), a slash, and a full name or a wildcard.',
  fix: 'Use a host such as `shop/catalog.shop.svc.cluster.local`, `shop/*`, `./*` or `*/api.example.com`.',
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
            fix: 'List hosts; use `~/*` if the pods call nothing.',
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
  if (slash < 0) return 'has no namespace and "/" before the name';
  const namespace = text.slice(0, slash).replace(/^~/, '');
  const host = text.slice(slash + 1);
  if (slash === 0 || host === '') return 'has no namespace before or no name after "/"';
  if (namespace !== '' && namespace !== '*' && namespace !== '.' && !isDnsLabel(namespace))
    return 'starts with an invalid namespace name';
  // egress-host-short reports short names.
  if (isDnsLabel(host)) return undefined;
  if (host.startsWith('*') && host !== '*' && !host.startsWith('*.'))
    return 'has a wildcard that replaces only part of a label';
  return hostMistake(host);
}

function fixOf(text: string): { fix?: string } {
  return /^[\w-]+$/.test(text) ? { fix: `Use ${text}/* for everything in the namespace ${text}.` } : {};
}
