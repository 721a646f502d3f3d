import { stringAt, type YamlPath } from '../../../model/json.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'];
const actions = ['httpGet', 'tcpSocket'];

export default rule({
  id: 'probe-port-undeclared',
  severity: 'error',
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod', 'Rollout', 'ReplicaSet'],
  summary: 'a probe with a named port that its container does not declare',
  why: 'A probe can only use a named port of its own container. Without a sidecar, the kubelet does not find the port and the probe fails. With one, the injector redirects the probe to the proxy’s agent but can’t resolve the port, so it fails there. The pod never becomes ready, or restarts forever.',
  fix: 'Use a port name of the same container, or the port number.',
  equivalent: [],
  see: [
    'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
    'https://istio.io/latest/docs/ops/configuration/mesh/app-health-check/',
  ],
  *check(inventory) {
    for (const { resource, containers } of inventory.workloads)
      for (const { path, name, ports, value } of containers)
        for (const probe of probes)
          for (const action of actions) {
            const port = stringAt(value, probe, action, 'port');
            if (port === undefined || hasPlaceholder(port) || /^\d+$/.test(port)) continue;
            if (ports.some((each) => each.name === port)) continue;
            const at: YamlPath = [...path, probe, action, 'port'];
            yield {
              resource,
              path: at,
              message: `The container ${name} does not declare a port named "${port}", so this probe always fails.`,
            };
          }
  },
});
