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
  summary: 'a selector with `*` in a label, or with an empty label name',
  why: 'A selector compares labels by their whole text. The CRD and the webhook refuse `app: "*"` and `app: web-*`, since people expect a pattern.',
  fix: 'Select by a label that all these pods have, or write one object for each of them; without a selector it holds for the whole namespace.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/type/workload-selector/'],
  *check(inventory) {
    for (const [kind, ...keys] of selectors)
      for (const resource of inventory.of(kind))
        for (const { path, key, value } of entriesIn(specOf(resource), ...keys)) {
          if (key === '')
            yield { resource, path, at: 'key', message: 'A label of the selector has an empty name.' };
          else if (
            key.includes('*') ||
            (typeof value === 'string' && value.includes('*') && !hasPlaceholder(value))
          )
            yield {
              resource,
              path,
              at: 'key',
              message: `The selector compares "${key}" with a wildcard, and it knows none.`,
            };
        }
  },
});
