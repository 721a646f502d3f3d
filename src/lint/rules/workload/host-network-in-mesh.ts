import { asksForSidecars } from '../../facts/mesh-use.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'host-network-in-mesh',
  severity: 'info',
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Pod', 'Job', 'CronJob', 'Rollout'],
  summary: 'pods on the host network in a namespace with injection',
  why: 'The injector silently skips them, because capturing their traffic would capture that of the node. They have no identity: STRICT callees reset their calls, and policies by principal deny them. This is fine as long as they call nothing in the mesh.',
  fix: 'Make it explicit with the label `sidecar.istio.io/inject: "false"` and keep what they call PERMISSIVE, or remove `hostNetwork`.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/ops/common-problems/injection/'],
  *check(inventory) {
    for (const {
      resource,
      templatePath,
      hostNetwork,
      labels,
      annotations,
      namespace,
    } of inventory.workloads) {
      if (!hostNetwork || asksForSidecars(inventory, namespace) !== true) continue;
      const said = labels['sidecar.istio.io/inject'] ?? annotations['sidecar.istio.io/inject'];
      if (said === 'false') continue;
      yield {
        resource,
        path: [...templatePath, 'spec', 'hostNetwork'],
        at: 'key',
        message: `The namespace ${namespace} enables injection, but these pods get no sidecar because they use the host network.`,
      };
    }
  },
});
