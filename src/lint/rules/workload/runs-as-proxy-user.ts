import { valueAt, type YamlPath } from '../../../model/json.ts';
import { isOfIstioItself } from '../../facts/mesh-use.ts';
import { rule } from '../../rule.ts';

const proxyUser = 1337;

export default rule({
  id: 'runs-as-proxy-user',
  severity: 'warning',
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod', 'Rollout', 'ReplicaSet'],
  summary: 'a container that runs as user 1337, the proxy’s own',
  why: 'Traffic of user 1337 is not captured, or the proxy would call itself for ever. An application that runs as this user talks past its sidecar: plain text, no identity, no policy, and STRICT servers reset it. Unlike istioctl this looks at every kind of workload, and leaves init containers alone, for which Istio itself recommends it where the CNI plug-in is used.',
  fix: 'Run the application as another user.',
  equivalent: ['IST0144'],
  see: [
    'https://istio.io/latest/docs/ops/deployment/application-requirements/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0144/',
  ],
  *check(inventory) {
    for (const workload of inventory.workloads) {
      if (isOfIstioItself(workload) || inventory.injectionOf(workload).isInjected === false) continue;
      const { resource, templatePath, containers, name } = workload;
      const places: readonly { readonly path: YamlPath; readonly who: string }[] = [
        { path: [...templatePath, 'spec'], who: `All containers of ${name} run` },
        ...containers
          .filter(({ isInit }) => !isInit)
          .map((each) => ({ path: each.path, who: `The container ${each.name} runs` })),
      ];
      for (const { path, who } of places) {
        const at = [...path, 'securityContext', 'runAsUser'];
        if (valueAt(resource.value, ...at) !== proxyUser) continue;
        yield {
          resource,
          path: at,
          message: `${who} as user 1337, whose traffic the sidecar does not see.`,
        };
      }
    }
  },
});
