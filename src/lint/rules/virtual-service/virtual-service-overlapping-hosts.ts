import { specOf, textsIn } from '../../facts/part.ts';
import { wildcardOver } from '../../../k8s/host.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'virtual-service-overlapping-hosts',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a VirtualService that lists a host twice, or a host that one of its wildcards covers',
  why: 'The webhook rejects it, because both would be the same virtual host. The common case is `*` next to another host.',
  fix: 'Keep either the wildcard or the individual hosts.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService')) {
      const hosts = [...textsIn(specOf(resource), 'hosts')];
      const wildcards = new Set(hosts.map(({ text }) => text).filter((text) => text.startsWith('*')));
      const seen = new Set<string>();
      for (const { path, text } of hosts) {
        const wide = wildcardOver(text, wildcards);
        if (seen.has(text)) yield { resource, path, message: `${quoted(text)} is listed twice.` };
        else if (wide !== undefined)
          yield {
            resource,
            path,
            message: `${quoted(wide)} in the same list already covers ${quoted(text)}.`,
          };
        seen.add(text);
      }
    }
  },
});
