import { wrongAnnotation } from '../../facts/annotation-values.ts';
import { annotatedPlaces, annotationFacts } from '../../facts/annotations.ts';
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
  summary: 'an annotation of Istio with a value that Istio does not take',
  why: 'The injector checks the annotations of a pod and refuses the pod when a value is wrong: the ReplicaSet shows "failed calling webhook", and the new pods never come. It does not trim lists of addresses, so one space after a comma is enough. A number or boolean without quotes is no annotation at all, and the API server refuses the object. It is an error where the pods are known to be injected.',
  fix: 'Correct the value; in YAML put it in quotes.',
  equivalent: ['IST0125'],
  see: [
    'https://istio.io/latest/docs/reference/config/annotations/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0125/',
  ],
  *check(inventory) {
    const injected = inventory.once(injectedResources);
    for (const { resource, kind, path, annotations } of annotatedPlaces(inventory))
      for (const [name, value] of Object.entries(annotations)) {
        const facts = annotationFacts(name);
        if (facts === undefined) continue;
        const place = { resource, path: [...path, name] };
        if (typeof value === 'number' || typeof value === 'boolean') {
          const isExact = typeof value === 'boolean' || Number.isSafeInteger(value);
          yield {
            ...place,
            severity: 'error',
            message: `"${name}" is ${String(value)} without quotes, which is no text: the API server refuses the ${resource.kind}.`,
            fix: `Write "${String(value)}" in quotes.`,
            ...(isExact && { edits: [{ op: 'set', path: place.path, value: String(value) }] }),
          };
          continue;
        }
        if (typeof value !== 'string' || hasPlaceholder(value)) continue;
        if (!facts.kinds.includes(kind)) continue;
        const wrong = wrongAnnotation(name, value);
        if (wrong === undefined) continue;
        yield {
          ...place,
          // istioctl only warns; but the webhook refuses such a pod.
          ...(wrong.isRefused && injected.get(resource) === true && { severity: 'error' }),
          message: wrong.isRefused
            ? `The injector refuses pods with this "${name}": ${wrong.why}.`
            : `Istio does not take this "${name}": ${wrong.why}.`,
        };
      }
  },
});

function injectedResources(inventory: Inventory) {
  return new Map(
    inventory.workloads.map((each) => [each.resource, inventory.injectionOf(each).isInjected === true]),
  );
}
