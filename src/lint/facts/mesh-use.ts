import type { KindName, Resource } from '../../model/resource.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import type { Service } from '../../mesh/service.ts';
import type { Workload } from '../../mesh/workload.ts';

/** Kinds that only affect the proxies of their own namespace. */
const meshKinds: readonly KindName[] = [
  'AuthorizationPolicy',
  'DestinationRule',
  'PeerAuthentication',
  'RequestAuthentication',
  'Sidecar',
  'VirtualService',
];

/** Whether the labels of a namespace enable injection; undefined: its Namespace was not read. */
export function asksForSidecars(inventory: Inventory, namespace: string): boolean | undefined {
  const labels = inventory.namespaceLabels(namespace);
  if (labels === undefined) return undefined;
  const legacy = labels['istio-injection'];
  return legacy === undefined ? labels['istio.io/rev'] !== undefined : legacy === 'enabled';
}

/** Whether Istio objects, or the fleet file, show that the namespace of an object is meant to be in the mesh. Objects that
 *  name no namespace are mostly installed each into its own: only those applied together show anything about each other. */
function isMeantForMesh(inventory: Inventory, resource: Resource): boolean {
  const { namespace, hasNamespace } = resource;
  const declared = inventory.once(namespacesOfFleet);
  if (declared.has(namespace)) return true;
  if (hasNamespace) return meshKinds.some((kind) => inventory.inNamespace(kind, namespace).length > 0);
  return inventory.once(looseBuilds, namespace).has(resource.build);
}

function namespacesOfFleet(inventory: Inventory) {
  return new Set(
    (inventory.fleet?.fleet.targets ?? []).flatMap((target) =>
      target.kind === 'namespace' && target.stage !== 'outside' ? [target.namespace as string] : [],
    ),
  );
}

/** The builds with objects of the mesh's that name no namespace, and are taken for this one's. */
function looseBuilds(namespace: string, inventory: Inventory): ReadonlySet<string> {
  return new Set(
    meshKinds.flatMap((kind) =>
      inventory.inNamespace(kind, namespace).flatMap((each) => (each.hasNamespace ? [] : each.build)),
    ),
  );
}

/** Whether pods of a workload have a sidecar, as far as is known: they get one, or nothing says otherwise and the
 *  namespace is meant for the mesh. */
export function isMeshed(inventory: Inventory, workload: Workload): boolean {
  const { isInjected } = inventory.injectionOf(workload);
  return isInjected ?? isMeantForMesh(inventory, workload.resource);
}

/** Whether sidecars receive the calls to a service, as far as is known. */
export function isMeshedService(inventory: Inventory, service: Service): boolean {
  const workloads = inventory.workloadsOf(service);
  if (workloads.length > 0) return workloads.some((workload) => isMeshed(inventory, workload));
  return asksForSidecars(inventory, service.namespace) ?? isMeantForMesh(inventory, service.resource);
}

/** Whether pods are gateways or parts of the control plane. */
export function isOfIstioItself({ labels, containers, resource }: Workload): boolean {
  return (
    [
      'istio',
      'istio.io/gateway-name',
      'gateway.networking.k8s.io/gateway-name',
      'operator.istio.io/component',
    ].some((label) => Object.hasOwn(labels, label) || Object.hasOwn(resource.labels, label)) ||
    ['istiod', 'ztunnel', 'istio-cni-node'].includes(labels.app ?? '') ||
    containers.some(({ name }) => name === 'istio-proxy')
  );
}

/** Whether a Service belongs to Istio itself: its control plane's, or made for a gateway by a controller. */
export function isServiceOfIstio({ resource: { labels } }: Service): boolean {
  return (
    Object.hasOwn(labels, 'istio') ||
    labels.release === 'istio' ||
    Object.hasOwn(labels, 'gateway.istio.io/managed')
  );
}
