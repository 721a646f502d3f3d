import { transportOf } from '../../k8s/container-port.ts';
import { listAt, valueAt } from '../../model/json.ts';
import { entranceCollector, evidenceAt } from '../entrance.ts';
import { podsAt } from '../ways.ts';

/** Ports that pods open on their node: by `hostPort`, or all of them with `hostNetwork` (such pods never get a sidecar).
 *  @see https://kubernetes.io/docs/concepts/configuration/overview/#services */
export default entranceCollector({
  way: 'host-port',
  *find({ workloads }) {
    for (const workload of workloads)
      for (const { path, value, isInit } of workload.containers) {
        if (isInit && valueAt(value, 'restartPolicy') !== 'Always') continue;
        for (const [index, port] of listAt(value, 'ports').entries()) {
          const number = valueAt(port, 'containerPort');
          const hasPort = typeof valueAt(port, 'hostPort') === 'number' || workload.hostNetwork;
          if (typeof number !== 'number' || !hasPort || transportOf(port) !== 'TCP') continue;
          yield {
            from: { kind: 'outside' },
            to: podsAt(workload, number),
            evidence: evidenceAt(workload.resource, [...path, 'ports', index], 'host-port'),
          };
        }
      }
  },
});
