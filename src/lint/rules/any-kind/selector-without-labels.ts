import { isObject } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { rule } from '../../rule.ts';

const selectors = [
  ['AuthorizationPolicy', 'selector', 'matchLabels'],
  ['DestinationRule', 'workloadSelector', 'matchLabels'],
  ['PeerAuthentication', 'selector', 'matchLabels'],
  ['RequestAuthentication', 'selector', 'matchLabels'],
  ['ServiceEntry', 'workloadSelector', 'labels'],
  ['Sidecar', 'workloadSelector', 'labels'],
  ['Telemetry', 'selector', 'matchLabels'],
] as const;

export default rule({
  id: 'selector-without-labels',
  severity: 'warning',
  kinds: [
    'AuthorizationPolicy',
    'DestinationRule',
    'PeerAuthentication',
    'RequestAuthentication',
    'ServiceEntry',
    'Sidecar',
    'Telemetry',
  ],
  summary: 'a selector without any label, which selects everything',
  why: 'An empty selector holds for all workloads of the namespace (of the mesh, in the root namespace), where somebody meant a few. It is often what remains of a merge, or `app:` written one level too high.',
  fix: 'Name a label, or delete the selector to say that it is for the whole namespace.',
  equivalent: ['IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/type/workload-selector/'],
  *check(inventory) {
    for (const [kind, selector, labels] of selectors)
      for (const resource of inventory.of(kind)) {
        const found = resource.spec[selector];
        if (!isObject(found) || isUnused(resource)) continue;
        const inside = found[labels];
        // Any other key is an unknown field, and told as that.
        if (Object.keys(found).some((key) => key !== labels)) continue;
        if (isObject(inside) && Object.keys(inside).length > 0) continue;
        if (inside !== undefined && inside !== null && !isObject(inside)) continue;
        yield {
          resource,
          path: ['spec', selector],
          at: 'key',
          message: `The selector of this ${kind} names no label, and so selects every workload.`,
        };
      }
  },
});

/** Whether the selector of a ServiceEntry chooses nothing, as service-entry-endpoints says. */
function isUnused({ known, spec }: Resource): boolean {
  return known === 'ServiceEntry' && (spec.resolution === undefined || spec.resolution === 'NONE');
}
