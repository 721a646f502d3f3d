import { parseGoBool } from '../../../k8s/istio-boolean.ts';
import { valueAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

const annotation = 'sidecar.istio.io/rewriteAppHTTPProbers';
const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'];
const actions = ['httpGet', 'tcpSocket', 'grpc'];

export default rule({
  id: 'probes-not-rewritten',
  severity: 'warning',
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Pod', 'Rollout', 'ReplicaSet'],
  summary: 'probes in a pod that disables probe rewriting',
  why: 'The kubelet has no mesh certificate. Its probes work under STRICT only because the injector redirects them to the proxy’s agent on port 15020. With `rewriteAppHTTPProbers: "false"` they go to the application port in plaintext, and once the mesh is STRICT they are reset: the pod restarts forever. A TCP probe even succeeds if the application is dead, since the proxy accepts the connection.',
  fix: 'Remove the annotation.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/'],
  *check(inventory) {
    for (const workload of inventory.workloads) {
      const { annotations, containers, resource, templatePath } = workload;
      const said = annotations[annotation];
      if (said === undefined || parseGoBool(said) !== false) continue;
      if (inventory.injectionOf(workload).isInjected === false) continue;
      const probed = containers.find(({ value }) =>
        probes.some((probe) => actions.some((action) => valueAt(value, probe, action) !== undefined)),
      );
      if (probed === undefined) continue;
      yield {
        resource,
        path: [...templatePath, 'metadata', 'annotations', annotation],
        message: `The kubelet probes ${probed.name} in plaintext, which fails under STRICT.`,
      };
    }
  },
});
