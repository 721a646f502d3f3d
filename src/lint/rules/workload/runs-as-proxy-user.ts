import { valueAt, type YamlPath } from '../../../model/json.ts';
import { isOfIstioItself } from '../../facts/mesh-use.ts';
import { rule } from '../../rule.ts';

const proxyUser = 1337;

export default rule({
  id: 'runs-as-proxy-user',
  severity: 'warning',
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod', 'Rollout', 'ReplicaSet'],
  summary: 'a container that runs as user 1337, the user of the proxy',
  why: 'Istio does not capture the traffic of user 1337, because the proxy would otherwise call itself. An application that runs as this user bypasses its sidecar: plaintext, no identity, no policy, and STRICT servers reset its connections. Unlike istioctl, this rule checks every kind of workload. It skips init containers, for which Istio recommends this user with the CNI plug-in.',
  fix: 'Run the application as a different user.',
  equivalent: ['IST0144'],
  see: [
    'https://istio.io/latest/docs/ops/deployment/application-requirements/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0144/',
  ],
  *check(inventory) {
    for (const workload of inventory.workloads) {
      if (isOfIstioItself(workload) || inventory.injectionOf(workload).isInjected === false) continue;
      const { resource, templatePath, containers, name } = workload;
      const locations: readonly { readonly path: YamlPath; readonly who: string }[] = [
        { path: [...templatePath, 'spec'], who: `All containers of ${name} run` },
        ...containers
          .filter(({ isInit }) => !isInit)
          .map((each) => ({ path: each.path, who: `The container ${each.name} runs` })),
      ];
      for (const { path, who } of locations) {
        const at = [...path, 'securityContext', 'runAsUser'];
        if (valueAt(resource.value, ...at) !== proxyUser) continue;
        yield {
          resource,
          path: at,
          message: `${who} as user 1337, whose traffic bypasses the sidecar.`,
        };
      }
    }
  },
});
