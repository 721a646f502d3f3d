import { specOf, textsIn } from '../../mesh/part.ts';
import { isDnsLabel, nameMistake, quoted } from '../../mesh/syntax.ts';
import { rule } from '../rule.ts';

export default rule({
  id: 'gateway-name-malformed',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a reference to a Gateway that is not `name` or `namespace/name`',
  why: "The webhook refuses names that can't be. The old form with dots, `gateway.namespace.svc.cluster.local`, still works; gateway-named-by-domain warns about it.",
  fix: 'Write `namespace/name`.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService'],
  *check(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const keys of [
        ['gateways'],
        ['http', 'match', 'gateways'],
        ['tcp', 'match', 'gateways'],
        ['tls', 'match', 'gateways'],
      ])
        for (const { path, text } of textsIn(specOf(resource), ...keys)) {
          const [namespace = '', name, ...rest] = text.split('/');
          if (name === undefined) {
            const mistake = nameMistake(text);
            if (mistake !== undefined)
              yield { resource, path, message: `The name of the gateway, ${quoted(text)}, ${mistake}.` };
          } else if (!isDnsLabel(namespace) || !isDnsLabel(name) || rest.length > 0)
            yield { resource, path, message: `${quoted(text)} is no namespace, "/", and name of a Gateway.` };
        }
  },
});
