import { specOf, textsIn } from '../../facts/part.ts';
import { wildcardOver } from '../../../k8s/host.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'virtual-service-overlapping-hosts',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a VirtualService that lists a host twice, or one that a wildcard of it covers',
  why: 'The webhook refuses it, since both would be the same routes of the same virtual host. `*` beside any other host is the common case.',
  fix: 'Keep the wildcard, or the single hosts.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService')) {
      const hosts = [...textsIn(specOf(resource), 'hosts')];
      const wildcards = new Set(hosts.map(({ text }) => text).filter((text) => text.startsWith('*')));
      const seen = new Set<string>();
      for (const { path, text } of hosts) {
        const wide = wildcardOver(text, wildcards);
        if (seen.has(text)) yield { resource, path, message: `${quoted(text)} is listed already.` };
        else if (wide !== undefined)
          yield {
            resource,
            path,
            message: `${quoted(text)} is in ${quoted(wide)} already, which is listed too.`,
          };
        seen.add(text);
      }
    }
  },
});
