import { isList } from '../../../model/json.ts';
import { specOf, textsIn } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'service-entry-host',
  severity: 'error',
  kinds: ['ServiceEntry'],
  summary:
    "a ServiceEntry without hosts, for every host, or with a wildcard that its resolution can't resolve",
  why: 'The webhook rejects `*`, and a wildcard with resolution DNS and no endpoints, because there is no name to resolve. DYNAMIC_DNS, in contrast, allows only wildcards. A wildcard within a label (`*-api.example.com`) is accepted with a warning.',
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
        if (text === '*') yield { resource, path, message: "A ServiceEntry can't match every host." };
        else if (isLookedUp && text.startsWith('*'))
          yield {
            resource,
            path,
            message: `DNS can't resolve the wildcard ${quoted(text)}, and there are no endpoints.`,
          };
        else if (resolution === 'DYNAMIC_DNS' && !text.startsWith('*'))
          yield {
            resource,
            path,
            message: `DYNAMIC_DNS requires wildcard hosts, but ${quoted(text)} is not one.`,
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
            message: `The wildcard in ${quoted(text)} replaces only part of a label.`,
          };
      }
    }
  },
});
