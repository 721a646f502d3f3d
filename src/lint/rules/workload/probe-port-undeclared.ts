import { stringAt, type YamlPath } from '../../../model/json.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'];
const actions = ['httpGet', 'tcpSocket'];

export default rule({
  id: 'probe-port-undeclared',
  severity: 'error',
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod', 'Rollout', 'ReplicaSet'],
  summary: 'a probe that names a port its container does not declare',
  why: 'A probe may name a port of its own container only. Without a sidecar the kubelet cannot find it, and the probe fails; with one the injector rewrites the probe and leaves this port out of the list that the proxy’s agent answers for, so it fails there. The pod never gets ready, or is restarted for ever.',
  fix: 'Name a port of the same container, or write its number.',
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
              message: `The container ${name} declares no port named "${port}", so this probe always fails.`,
            };
          }
  },
});
