import { hasIstioCni } from '../../../mesh/control-plane.ts';
import { asksForSidecars } from '../../facts/mesh-use.ts';
import { rule } from '../../rule.ts';

const label = 'pod-security.kubernetes.io/enforce';

export default rule({
  id: 'pod-security-without-cni',
  severity: 'info',
  kinds: ['Namespace'],
  summary: 'a Namespace with sidecars under a Pod Security Standard that refuses them',
  why: 'Without the CNI plug-in each pod gets an init container that needs NET_ADMIN and NET_RAW to set up the capture of traffic. The levels `baseline` and `restricted` both refuse these, so no new pod is created: the ReplicaSet shows "violates PodSecurity", while old pods run on. It is a warning where the manifests of the control plane were read and bring no CNI plug-in, an info where they were not.',
  fix: 'Install the istio-cni chart, which makes the init container unnecessary.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/setup/additional-setup/cni/',
    'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  ],
  *check(inventory) {
    const hasCni = hasIstioCni(inventory);
    if (hasCni === true) return;
    for (const resource of inventory.of('Namespace')) {
      const level = resource.labels[label];
      if (level !== 'restricted' && level !== 'baseline') continue;
      if (asksForSidecars(inventory, resource.name) !== true) continue;
      yield {
        resource,
        path: ['metadata', 'labels', label],
        ...(hasCni === false && { severity: 'warning' }),
        message:
          hasCni === false
            ? `The level "${level}" refuses the init container of the sidecars, and the mesh is installed without its CNI plug-in.`
            : `The level "${level}" refuses the init container of the sidecars, unless the mesh has its CNI plug-in.`,
      };
    }
  },
});
