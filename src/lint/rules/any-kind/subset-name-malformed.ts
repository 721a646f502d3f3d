import type { KindName } from '../../../model/resource.ts';
import { specOf, textsIn } from '../../facts/part.ts';
import { isDnsLabel, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

const nameFields: readonly (readonly [KindName, ...string[]])[] = [
  ['DestinationRule', 'subsets', 'name'],
  ['VirtualService', 'http', 'route', 'destination', 'subset'],
  ['VirtualService', 'http', 'mirror', 'subset'],
  ['VirtualService', 'http', 'mirrors', 'destination', 'subset'],
  ['VirtualService', 'tcp', 'route', 'destination', 'subset'],
  ['VirtualService', 'tls', 'route', 'destination', 'subset'],
];

export default rule({
  id: 'subset-name-malformed',
  severity: 'error',
  kinds: ['DestinationRule', 'VirtualService'],
  summary: 'a subset whose name is empty or not a DNS label, such as v1.2 or my_subset',
  why: 'The name becomes part of an Envoy cluster name. The webhook rejects dots, underscores and empty names.',
  fix: "Use letters, digits and hyphens, for example `v1-2`; the subset's labels may keep their dots.",
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset'],
  *check(inventory) {
    for (const [kind, ...keys] of nameFields)
      for (const resource of inventory.of(kind))
        for (const { path, text } of textsIn(specOf(resource), ...keys)) {
          if (isDnsLabel(text) || (text === '' && kind === 'VirtualService')) continue;
          yield {
            resource,
            path,
            message:
              text === ''
                ? 'The subset has an empty name.'
                : `The subset name ${quoted(text)} is not a DNS label.`,
          };
        }
  },
});
