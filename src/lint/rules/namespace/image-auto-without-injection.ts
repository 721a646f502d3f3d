import { injectionAsked } from '../../../mesh/injection.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'image-auto-without-injection',
  severity: 'warning',
  kinds: ['Deployment', 'DaemonSet', 'StatefulSet', 'Pod', 'ReplicaSet', 'Rollout'],
  summary: 'a gateway with `image: auto` that no injector fills in',
  why: 'The image `auto` stands for the one the injector puts in its place. Where no label asks for injection, the kubelet tries to pull an image called "auto", and the gateway stays in ErrImagePull. Told only where the Namespace was read. istioctl says it of every Pod, since in a cluster a Pod has been through the injector already; a Pod in Git has not.',
  fix: 'Label the pod template with `sidecar.istio.io/inject: "true"`, and with `istio.io/rev` on a mesh that has a revision.',
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
        message: `Nothing puts a real image in the place of "auto", since ${asked.why}.`,
      };
    }
  },
});
