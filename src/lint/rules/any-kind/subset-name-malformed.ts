import type { KindName } from '../../../model/resource.ts';
import { specOf, textsIn } from '../../facts/part.ts';
import { isDnsLabel, quoted } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

const places: readonly (readonly [KindName, ...string[]])[] = [
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
  summary: 'a subset whose name is empty or no DNS label, as v1.2 or my_subset',
  why: 'The name becomes part of the name of an Envoy cluster. The webhook refuses dots, underscores and empty names.',
  fix: 'Use letters, digits and dashes, as `v1-2`; labels of the subset may keep their dots.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset'],
  *check(inventory) {
    for (const [kind, ...keys] of places)
      for (const resource of inventory.of(kind))
        for (const { path, text } of textsIn(specOf(resource), ...keys)) {
          if (isDnsLabel(text) || (text === '' && kind === 'VirtualService')) continue;
          yield {
            resource,
            path,
            message:
              text === '' ? 'The subset has an empty name.' : `A subset can't be called ${quoted(text)}.`,
          };
        }
  },
});
