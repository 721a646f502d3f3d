import type { YamlPath } from '../../../model/json.ts';
import { specOf, textsIn, type Text } from '../../facts/part.ts';
import { isDnsLabel, nameMistake, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-name-malformed',
  severity: 'error',
  kinds: ['VirtualService'],
  summary: 'a Gateway reference that is not `name` or `namespace/name`',
  why: 'The webhook rejects the object. It checks a list only up to the first name without a namespace, so some invalid names are accepted and then bind to nothing.',
  fix: 'Use `namespace/name`.',
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
        for (const message of mistakesIn(textsIn(specOf(resource), ...keys))) yield { resource, ...message };
  },
});

/** Istio's validation of a list ends at its first name without a namespace, so that `[mesh, ./local]` is accepted. */
function* mistakesIn(texts: Iterable<Text>): Iterable<{ readonly path: YamlPath; readonly message: string }> {
  const ended = new Set<string>();
  for (const { path, text } of texts) {
    const list = path.slice(0, -1).join('/');
    if (ended.has(list)) continue;
    const [namespace = '', name, ...rest] = text.split('/');
    if (name === undefined) {
      ended.add(list);
      const mistake = nameMistake(text);
      if (mistake !== undefined) yield { path, message: `The gateway name ${quoted(text)} ${mistake}.` };
    } else if (!isDnsLabel(namespace) || !isDnsLabel(name) || rest.length > 0)
      yield { path, message: `${quoted(text)} is not of the form "namespace/name".` };
  }
}
