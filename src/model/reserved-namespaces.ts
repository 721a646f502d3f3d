import type { MeshSpec } from './fleet.ts';

/** What the fleet says of where the mesh lives. */
export type MeshPlaces = Pick<MeshSpec, 'rootNamespace'> & {
  readonly gateway: Pick<MeshSpec['gateway'], 'namespace' | 'podNamespace'>;
};

/** Namespaces of the cluster's own parts, under the names they have everywhere. */
const always: ReadonlyMap<string, string> = new Map([
  ['kube-system', 'Kubernetes itself'],
  ['kube-public', 'Kubernetes itself'],
  ['kube-node-lease', 'Kubernetes itself'],
  ['flux-system', 'Flux, which applies every change'],
  ['cert-manager', 'cert-manager, which issues the certificates of the gateway'],
  ['istio-system', "Istio's control plane"],
  ['istio-cni', "Istio's CNI plugin"],
  ['ztunnel', "Istio's ztunnel"],
]);

/** What lives in a namespace that is never an application of the fleet: a bundle there would hit the whole mesh, or what
 *  brings it. A deny-all beside the shared gateway refuses every request from outside; in the root namespace a policy or
 *  a Sidecar holds for all namespaces.
 *  @param mesh  undefined: not known yet, so only the usual names count
 *  @returns in words that complete "holds"; undefined: an application may live there, also one with a gateway of its own
 *  @see https://istio.io/latest/docs/reference/config/security/authorization-policy/ */
export function reservedFor(namespace: string, mesh: MeshPlaces | undefined): string | undefined {
  if (mesh?.rootNamespace === namespace) return 'the control plane and mesh-wide settings';
  if (mesh?.gateway.podNamespace === namespace || mesh?.gateway.namespace === namespace)
    return 'the shared gateway of the mesh';
  return always.get(namespace);
}
