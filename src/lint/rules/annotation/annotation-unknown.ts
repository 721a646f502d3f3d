import {
  annotatedPlaces,
  annotationFacts,
  annotationNames,
  isIstioLabel,
  isOfIstio,
} from '../../facts/annotations.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

const byLowerCase: ReadonlyMap<string, string> = new Map(
  annotationNames.map((name) => [name.toLowerCase(), name]),
);

/** By what comes after the slash: people mix up the prefixes. */
const byLastPart: ReadonlyMap<string, string> = new Map(
  annotationNames.map((name) => [name.slice(name.indexOf('/') + 1).toLowerCase(), name]),
);

export default rule({
  id: 'annotation-unknown',
  severity: 'warning',
  kinds: ['Namespace', 'Service', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ServiceEntry'],
  summary: 'an annotation in the domain of Istio that Istio does not know',
  why: 'A misspelt annotation, a label written as an annotation, or one that was dropped releases ago: Istio ignores it without a word, and what it should have changed stays as it was. Compared with the list of Istio 1.31; what Istio reads without listing it, and what its installers write, is left alone.',
  fix: 'Correct or remove it; names are in the reference of resource annotations.',
  equivalent: ['IST0108'],
  see: [
    'https://istio.io/latest/docs/reference/config/annotations/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0108/',
  ],
  *check(inventory) {
    for (const { resource, path, annotations } of annotatedPlaces(inventory))
      for (const name of Object.keys(annotations)) {
        if (!isOfIstio(name) || annotationFacts(name) !== undefined || hasPlaceholder(name)) continue;
        const lower = name.toLowerCase();
        const meant = byLowerCase.get(lower) ?? byLastPart.get(lower.slice(lower.indexOf('/') + 1));
        const place = { resource, path: [...path, name], at: 'key' } as const;
        if (isIstioLabel(name))
          yield {
            ...place,
            message: `"${name}" is a label of Istio; as an annotation nothing reads it.`,
            fix: 'Write it under "labels".',
          };
        else
          yield {
            ...place,
            message: `Istio has no annotation "${name}".`,
            ...(meant !== undefined && { fix: `Write ${meant}, or remove it.` }),
          };
      }
  },
});
