import { annotationMaps, annotationFacts } from '../../facts/annotations.ts';
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
  summary: 'an Istio annotation on a kind of object where nothing reads it',
  why: 'Istio reads sidecar annotations from pods and service annotations from Services. On a Deployment (instead of its pod template) or on a Namespace they have no effect, and nothing reports it: ports stay captured and resource requests stay unchanged.',
  fix: 'Move it to the object it is meant for; for pods, that is `spec.template.metadata.annotations`.',
  equivalent: ['IST0107'],
  see: [
    'https://istio.io/latest/docs/reference/config/annotations/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0107/',
  ],
  *check(inventory) {
    for (const { resource, kind, path, annotations } of annotationMaps(inventory))
      for (const name of Object.keys(annotations)) {
        const facts = annotationFacts(name);
        if (facts === undefined || ignored.has(name)) continue;
        if (facts.kinds.includes('Any') || facts.kinds.includes(kind)) continue;
        yield {
          resource,
          path: [...path, name],
          at: 'key',
          message: `"${name}" belongs on ${facts.kinds.join(', ')} objects and has no effect on a ${kind}.`,
        };
      }
  },
});
