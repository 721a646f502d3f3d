import { labelsAt } from '../../k8s/selector.ts';
import type { Caller } from '../../model/traffic.ts';
import { entranceCollector, evidenceAt } from '../entrance.ts';

const system = 'knative-serving';
const activator: Caller = { kind: 'workload', namespace: system, name: 'activator' };
const autoscaler: Caller = { kind: 'workload', namespace: system, name: 'autoscaler' };

/** Pods of Knative Services, which Knative makes: the activator and the ingress send requests to the proxy beside the
 *  application, and the autoscaler asks that proxy for its metrics.
 *  @see https://knative.dev/docs/serving/architecture/ */
export default entranceCollector({
  way: 'knative',
  *find(inventory) {
    for (const resource of inventory.of('KnativeService')) {
      const { namespace, name, spec } = resource;
      const pods = {
        labels: {
          ...labelsAt(spec, 'template', 'metadata', 'labels'),
          'serving.knative.dev/service': name,
        },
        annotations: labelsAt(spec, 'template', 'metadata', 'annotations'),
      };
      const evidence = evidenceAt(resource, ['metadata', 'name'], 'knative');
      const at = (port: number) => ({ kind: 'workload' as const, namespace, name, port, pods });
      yield { from: activator, to: at(8012), protocol: 'http', evidence };
      yield { from: activator, to: at(8013), protocol: 'http', evidence };
      yield { from: autoscaler, to: at(9090), protocol: 'http', evidence };
    }
  },
});
