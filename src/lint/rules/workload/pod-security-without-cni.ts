import { hasIstioCni } from '../../../mesh/control-plane.ts';
import { asksForSidecars } from '../../facts/mesh-use.ts';
import { rule } from '../../rule.ts';

const label = 'pod-security.kubernetes.io/enforce';

export default rule({
  id: 'pod-security-without-cni',
  severity: 'info',
  kinds: ['Namespace'],
  summary:
    'a Namespace with injection and a Pod Security Standard that rejects the init container of the sidecar',
  why: 'Without the CNI plug-in, each pod gets an init container that needs NET_ADMIN and NET_RAW to capture traffic. The levels `baseline` and `restricted` both forbid these, so no new pod is created: the ReplicaSet reports "violates PodSecurity", while old pods keep running. The severity is warning if the control plane manifests were read and do not install the CNI plug-in, and info if they were not read.',
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
            ? `The level "${level}" rejects the init container of the sidecar, and the mesh is installed without the CNI plug-in.`
            : `The level "${level}" rejects the init container of the sidecar, unless the mesh uses the CNI plug-in.`,
      };
    }
  },
});
