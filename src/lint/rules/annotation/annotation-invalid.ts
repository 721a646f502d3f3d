import { wrongAnnotation } from '../../facts/annotation-values.ts';
import { annotationMaps, annotationFacts } from '../../facts/annotations.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'annotation-invalid',
  severity: 'warning',
  kinds: [
    'Namespace',
    'Service',
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'Job',
    'CronJob',
    'Pod',
    'Rollout',
  ],
  summary: 'an Istio annotation with an invalid value',
  why: 'The injector validates the annotations of a pod and rejects the pod if a value is invalid: the ReplicaSet reports "failed calling webhook", and no new pod starts. It does not trim lists of addresses, so a single space after a comma is enough. Annotation values must be strings: the API server rejects an object with an unquoted number or boolean. The severity is error where the pods are known to be injected.',
  fix: 'Correct the value, and quote it in YAML.',
  equivalent: ['IST0125'],
  see: [
    'https://istio.io/latest/docs/reference/config/annotations/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0125/',
  ],
  *check(inventory) {
    const injected = inventory.once(injectedResources);
    for (const { resource, kind, path, annotations } of annotationMaps(inventory))
      for (const [name, value] of Object.entries(annotations)) {
        const facts = annotationFacts(name);
        if (facts === undefined) continue;
        const location = { resource, path: [...path, name] };
        if (typeof value === 'number' || typeof value === 'boolean') {
          const isExact = typeof value === 'boolean' || Number.isSafeInteger(value);
          yield {
            ...location,
            severity: 'error',
            message: `"${name}" must be a string, but ${String(value)} is not quoted: the API server rejects the ${resource.kind}.`,
            fix: `Quote the value: "${String(value)}".`,
            ...(isExact && { edits: [{ op: 'set', path: location.path, value: String(value) }] }),
          };
          continue;
        }
        if (typeof value !== 'string' || hasPlaceholder(value)) continue;
        if (!facts.kinds.includes(kind)) continue;
        const wrong = wrongAnnotation(name, value);
        if (wrong === undefined) continue;
        yield {
          ...location,
          // istioctl only warns; but the webhook rejects such a pod.
          ...(wrong.isRejected && injected.get(resource) === true && { severity: 'error' }),
          message: wrong.isRejected
            ? `The injector rejects pods with this value of "${name}": ${wrong.why}.`
            : `The value of "${name}" is invalid: ${wrong.why}.`,
        };
      }
  },
});

function injectedResources(inventory: Inventory) {
  return new Map(
    inventory.workloads.map((each) => [each.resource, inventory.injectionOf(each).isInjected === true]),
  );
}
