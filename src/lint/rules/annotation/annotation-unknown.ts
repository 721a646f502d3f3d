import {
  annotationMaps,
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
  summary: 'an annotation in an Istio domain that Istio does not know',
  why: 'The annotation is misspelled, is really a label, or was removed in an earlier release. Istio silently ignores it, so it has no effect. The rule compares with the annotations documented for Istio 1.31, and also accepts undocumented ones that Istio reads and those that its installers write.',
  fix: "Correct or remove it; Istio's resource annotations reference lists the valid names.",
  equivalent: ['IST0108'],
  see: [
    'https://istio.io/latest/docs/reference/config/annotations/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0108/',
  ],
  *check(inventory) {
    for (const { resource, path, annotations } of annotationMaps(inventory))
      for (const name of Object.keys(annotations)) {
        if (!isOfIstio(name) || annotationFacts(name) !== undefined || hasPlaceholder(name)) continue;
        const lower = name.toLowerCase();
        const meant = byLowerCase.get(lower) ?? byLastPart.get(lower.slice(lower.indexOf('/') + 1));
        const location = { resource, path: [...path, name], at: 'key' } as const;
        if (isIstioLabel(name))
          yield {
            ...location,
            message: `"${name}" is an Istio label; nothing reads it as an annotation.`,
            fix: 'Move it to "labels".',
          };
        else
          yield {
            ...location,
            message: `Istio has no annotation "${name}", so it has no effect.`,
            ...(meant !== undefined && { fix: `Use ${meant}, or remove it.` }),
          };
      }
  },
});
