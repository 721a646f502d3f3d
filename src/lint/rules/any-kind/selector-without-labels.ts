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
  summary: 'an empty selector, which selects every workload',
  why: 'An empty selector matches every workload in the namespace (in the root namespace, every workload in the mesh), usually when only a few were meant. It is often left over from a merge, or `app:` was written one level too high.',
  fix: 'Add a label, or remove the selector if the object is meant for the whole namespace.',
  equivalent: ['IST0133'],
  see: ['https://istio.io/latest/docs/reference/config/type/workload-selector/'],
  *check(inventory) {
    for (const [kind, selector, labels] of selectors)
      for (const resource of inventory.of(kind)) {
        const found = resource.spec[selector];
        if (!isObject(found) || isUnused(resource)) continue;
        const inside = found[labels];
        // Any other key is an unknown field; schema-violation reports it.
        if (Object.keys(found).some((key) => key !== labels)) continue;
        if (isObject(inside) && Object.keys(inside).length > 0) continue;
        if (inside !== undefined && inside !== null && !isObject(inside)) continue;
        yield {
          resource,
          path: ['spec', selector],
          at: 'key',
          message: `The selector of this ${kind} has no labels, so it selects every workload.`,
        };
      }
  },
});

/** Whether the selector of a ServiceEntry has no effect, which service-entry-endpoints reports. */
function isUnused({ known, spec }: Resource): boolean {
  return known === 'ServiceEntry' && (spec.resolution === undefined || spec.resolution === 'NONE');
}
