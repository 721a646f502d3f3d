import { injectionAsked } from '../../../mesh/injection.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'image-auto-without-injection',
  severity: 'warning',
  kinds: ['Deployment', 'DaemonSet', 'StatefulSet', 'Pod', 'ReplicaSet', 'Rollout'],
  summary: 'a gateway with `image: auto` that is not injected',
  why: 'The injector replaces the image `auto` with the proxy image. If no label enables injection, the kubelet tries to pull an image called "auto", and the gateway stays in ErrImagePull. The rule checks only workloads whose Namespace was read. istioctl reports every Pod with this image, because a Pod in a cluster has already been through the injector; a Pod in Git has not.',
  fix: 'Label the pod template with `sidecar.istio.io/inject: "true"`, and with `istio.io/rev` if the mesh uses a revision.',
  equivalent: ['IST0146', 'IST0147'],
  see: [
    'https://istio.io/latest/docs/setup/additional-setup/gateway/',
    'https://istio.io/latest/docs/reference/config/analysis/ist0146/',
  ],
  *check(inventory) {
    for (const workload of inventory.workloads) {
      const container = workload.containers.find(
        ({ name, value }) => name === 'istio-proxy' && value.image === 'auto',
      );
      if (container === undefined) continue;
      const asked = injectionAsked(workload, inventory);
      if (asked.isInjected !== false) continue;
      yield {
        resource: workload.resource,
        path: [...container.path, 'image'],
        message: `Nothing replaces the image "auto" here, because ${asked.why}.`,
      };
    }
  },
});
