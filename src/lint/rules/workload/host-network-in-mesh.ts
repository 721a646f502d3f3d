import { asksForSidecars } from '../../facts/mesh-use.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'host-network-in-mesh',
  severity: 'info',
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Pod', 'Job', 'CronJob', 'Rollout'],
  summary: 'pods on the network of their node, in a namespace that asks for sidecars',
  why: 'The injector leaves them out without a word, since capturing their traffic would capture the node’s. They have no identity: callees under STRICT reset their calls, and policies by principal refuse them. Nothing is wrong as long as they call no one in the mesh.',
  fix: 'Say it with the label `sidecar.istio.io/inject: "false"`, and keep what they call PERMISSIVE; or give up `hostNetwork`.',
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
        message: `The namespace ${namespace} asks for sidecars, and these pods get none since they use the network of their node.`,
      };
    }
  },
});
