import { specOf, textsIn } from '../../facts/part.ts';
import { quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-duplicate-port-name',
  severity: 'error',
  kinds: ['Gateway'],
  summary: 'two servers in a Gateway with the same port name',
  why: 'The webhook rejects the Gateway: port names must be unique across its servers. It happens when a server is copied for another host.',
  fix: 'Give each server a unique port name, for example `https-shop` and `https-admin`.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/gateway/#Port'],
  *check(inventory) {
    for (const resource of inventory.of('Gateway')) {
      const seen = new Set<string>();
      for (const { path, text } of textsIn(specOf(resource), 'servers', 'port', 'name')) {
        if (seen.has(text) && text !== '')
          yield {
            resource,
            path,
            message: `Another server in this Gateway already has a port named ${quoted(text)}.`,
          };
        seen.add(text);
      }
    }
  },
});
