import { annotatedPlaces, annotationFacts } from '../../facts/annotations.ts';
import { rule } from '../../rule.ts';

/** Set by controllers and by istiod itself, wherever they like. */
const ignored: ReadonlySet<string> = new Set([
  'gateway.istio.io/controller-version',
  'istio.io/rev',
  'sidecar.istio.io/status',
]);

export default rule({
  id: 'annotation-misplaced',
  severity: 'warning',
  kinds: ['Namespace', 'Service', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ServiceEntry'],
  summary: 'an annotation of Istio on a kind of object where nothing reads it',
  why: 'Annotations for sidecars are read from pods, and those for services from Services. On a Deployment instead of its pod template, or on a Namespace, they do nothing: ports stay captured, resources stay as they were, and nothing tells.',
  fix: 'Move it to the object that it is for; for pods that is `spec.template.metadata.annotations`.',
  equivalent: ['IST0107'],
  see: [
    'https://istio.io/latest/docs/reference/config/annotations/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0107/',
  ],
  *check(inventory) {
    for (const { resource, kind, path, annotations } of annotatedPlaces(inventory))
      for (const name of Object.keys(annotations)) {
        const facts = annotationFacts(name);
        if (facts === undefined || ignored.has(name)) continue;
        if (facts.kinds.includes('Any') || facts.kinds.includes(kind)) continue;
        yield {
          resource,
          path: [...path, name],
          at: 'key',
          message: `"${name}" is for ${facts.kinds.join(', ')} objects, and does nothing on a ${kind}.`,
        };
      }
  },
});
