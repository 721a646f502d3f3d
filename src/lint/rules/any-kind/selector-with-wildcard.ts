import { entriesIn, specOf } from '../../facts/part.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
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
  id: 'selector-with-wildcard',
  severity: 'error',
  kinds: [
    'AuthorizationPolicy',
    'DestinationRule',
    'PeerAuthentication',
    'RequestAuthentication',
    'ServiceEntry',
    'Sidecar',
    'Telemetry',
  ],
  summary: 'a selector with `*` in a label, or with an empty label key',
  why: 'A selector matches exact label values only, not patterns. The CRD and the webhook therefore reject `app: "*"` and `app: web-*`.',
  fix: 'Select by a label that all these pods share, or write one object per value; without a selector, the object applies to the whole namespace.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/type/workload-selector/'],
  *check(inventory) {
    for (const [kind, ...keys] of selectors)
      for (const resource of inventory.of(kind))
        for (const { path, key, value } of entriesIn(specOf(resource), ...keys)) {
          if (key === '')
            yield { resource, path, at: 'key', message: 'The selector has a label with an empty key.' };
          else if (
            key.includes('*') ||
            (typeof value === 'string' && value.includes('*') && !hasPlaceholder(value))
          )
            yield {
              resource,
              path,
              at: 'key',
              message: `The selector uses a wildcard in "${key}", but selectors match exact values only.`,
            };
        }
  },
});
