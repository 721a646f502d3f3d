import type { Resource } from '../model/resource.ts';
import type { Client, Deciding, Destination } from './client.ts';
import { egressHosts, outboundMode, sidecarFor, takesIn, type EgressHost } from './egress.ts';
import { isExportedTo, overlaps } from '../k8s/host.ts';
import type { Inventory } from './inventory.ts';
import { hostsOf } from './virtual-service.ts';

/** What a client's proxy is told about, and what it does with the rest. */
export interface Outbound {
  /** undefined: none is for this client, and it sees all that is exported to it. */
  readonly sidecar: Resource | undefined;
  /** Sidecars that could be in force in its place: the cluster's age decides. */
  readonly conflicting: readonly Resource[];
  readonly mode: 'ALLOW_ANY' | 'REGISTRY_ONLY';
  /** undefined: the mesh's settings, or their default. */
  readonly modeBy: Deciding | undefined;
}

/** @see https://istio.io/latest/docs/reference/config/networking/sidecar/#OutboundTrafficPolicy */
export function outboundOf(client: Client, inventory: Inventory): Outbound {
  const ofMesh = inventory.settings.outboundTrafficPolicy;
  if (client.isGateway) return { sidecar: undefined, conflicting: [], mode: ofMesh, modeBy: undefined };
  const { sidecar, conflicting } = sidecarFor(client, inventory);
  const own = sidecar === undefined ? undefined : outboundMode(sidecar);
  const modeBy =
    sidecar === undefined || own === undefined
      ? undefined
      : { resource: sidecar, path: ['spec', 'outboundTrafficPolicy'] };
  return { sidecar, conflicting, mode: own ?? ofMesh, modeBy };
}

/** Whether a client's proxy knows a service at a port by its own name: it is exported to its namespace, and its Sidecar
 *  takes it in by a host of its list. The destinations of routes that the Sidecar takes in are there for those routes only.
 *  @see https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener */
export function isImported(
  destination: Destination,
  port: number,
  client: Client,
  { sidecar }: Pick<Outbound, 'sidecar'>,
  inventory: Inventory,
): boolean {
  if (!isExportedTo(destination.exportTo, destination.namespace, client.namespace)) return false;
  const hosts = hostsIn(sidecar, inventory);
  if (hosts === undefined) return true;
  const taking = hosts.filter((each) => takesIn(each, client.namespace, destination));
  if (taking.some(({ isExclusion }) => isExclusion)) return false;
  return taking.some((each) => each.port === undefined || each.port === port);
}

/** Whether a client's Sidecar takes in a VirtualService, by one of its hosts. */
export function importsRoute(
  route: Resource,
  client: Client,
  { sidecar }: Pick<Outbound, 'sidecar'>,
  inventory: Inventory,
): boolean {
  const hosts = hostsIn(sidecar, inventory);
  return hosts === undefined || isTaken(route, hosts, client.namespace, inventory);
}

function hostsIn(sidecar: Resource | undefined, inventory: Inventory): readonly EgressHost[] | undefined {
  if (sidecar === undefined) return undefined;
  return inventory.once(egressHosts, sidecar);
}

function isTaken(
  route: Resource,
  hosts: readonly EgressHost[],
  namespace: string,
  { settings }: Inventory,
): boolean {
  const own = hostsOf(route, settings.clusterDomain);
  return hosts.some((each) => {
    const wanted = each.namespace === '.' ? namespace : each.namespace;
    if (each.isExclusion || (wanted !== '*' && wanted !== route.namespace)) return false;
    return own.some((host) => overlaps(each.dns, host));
  });
}
