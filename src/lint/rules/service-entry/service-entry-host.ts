import { isList } from '../../../model/json.ts';
import { specOf, textsIn } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-entry-host',
  severity: 'error',
  kinds: ['ServiceEntry'],
  summary:
    'a ServiceEntry without hosts, for every host, or with a wildcard that its resolution can not look up',
  why: 'The webhook refuses `*`, and a wildcard with resolution DNS and no endpoints: there is no name to look up. DYNAMIC_DNS is the other way round, and takes wildcards only. A wildcard inside a label (`*-api.example.com`) is accepted with a warning, and matches as any text.',
  fix: 'List the hosts; for a wildcard use `resolution: NONE`, or DYNAMIC_DNS for HTTP and TLS.',
  equivalent: ['IST0106', 'IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry'],
  *check(inventory) {
    for (const resource of inventory.of('ServiceEntry')) {
      const { hosts, resolution, endpoints } = resource.spec;
      if (isList(hosts) && hosts.length === 0)
        yield { resource, path: ['spec', 'hosts'], at: 'key', message: 'The ServiceEntry has no hosts.' };
      const isLookedUp =
        (resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN') &&
        !(isList(endpoints) && endpoints.length > 0);
      for (const { path, text } of textsIn(specOf(resource), 'hosts')) {
        if (text === '*') yield { resource, path, message: "A ServiceEntry can't be for every host." };
        else if (isLookedUp && text.startsWith('*'))
          yield {
            resource,
            path,
            message: `${quoted(text)} has no address that DNS could know, and there are no endpoints.`,
          };
        else if (resolution === 'DYNAMIC_DNS' && !text.startsWith('*'))
          yield {
            resource,
            path,
            message: `With DYNAMIC_DNS hosts are wildcards, and ${quoted(text)} is none.`,
          };
        else if (
          text.includes('*') &&
          !text.startsWith('*.') &&
          text.startsWith('*') &&
          resolution !== 'DYNAMIC_DNS'
        )
          yield {
            resource,
            path,
            severity: 'warning',
            message: `The wildcard of ${quoted(text)} is a part of a label.`,
          };
      }
    }
  },
});
