import { describeResource } from '../../../model/resource.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isDnsLabel } from '../../facts/syntax.ts';
import { virtualServicesOf } from '../../../mesh/virtual-services.ts';
import { knowsServicesOf } from '../../../mesh/coverage.ts';
import { findSubset } from '../../facts/subsets.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-subset-unknown',
  severity: 'error',
  kinds: ['VirtualService', 'DestinationRule', 'Service'],
  summary: 'a VirtualService route to a subset that no DestinationRule defines',
  why: 'Without a DestinationRule, there is no Envoy cluster for the subset: every request on the route gets a 503 (NC). The same happens briefly if the VirtualService is applied before the DestinationRule. If no DestinationRule for the host was read, the rule reports the route only if the Service itself is in Git and nothing there could create one, as Flagger does.',
  fix: 'Add the subset to the DestinationRule for the host, or remove it from the route.',
  equivalent: ['IST0101', 'KIA1107'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0101/',
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset',
  ],
  *check(inventory) {
    for (const { resource, destinations } of virtualServicesOf(inventory))
      for (const { path, text, host, subset } of destinations) {
        // subset-name-malformed reports invalid names.
        if (subset === undefined || !isDnsLabel(subset) || hasPlaceholder(subset)) continue;
        const { isDefined, rule: owner } = findSubset(host, subset, resource, inventory);
        if (isDefined) continue;
        const service = inventory.serviceAt(host);
        const isKnown = service !== undefined && knowsServicesOf(service.namespace, inventory);
        if (owner === undefined && !isKnown) continue;
        yield {
          resource,
          path: [...path.slice(0, -1), 'subset'],
          message:
            owner === undefined
              ? `The route goes to the subset "${subset}" of "${text}", for which no DestinationRule was read.`
              : `The route goes to the subset "${subset}" of "${text}", which ${describeResource(owner)} does not define.`,
        };
      }
  },
});
