import { isAddress, networkHolds } from '../k8s/address.ts';
import type { Deciding } from '../mesh/client.ts';
import { serviceHost } from '../k8s/host.ts';
import type { Inventory } from '../mesh/inventory.ts';
import { isExportedTo } from '../k8s/host.ts';
import { serviceInHost } from '../k8s/host.ts';
import type { Service, ServiceEntry } from '../mesh/service.ts';

/** What a name stands for on the cluster. */
export type ResolvedHost =
  | { readonly kind: 'service'; readonly service: Service }
  /** The API server: a Service of every cluster, that is in nobody's Git and has no sidecar. */
  | { readonly kind: 'kubernetes'; readonly host: string }
  /** Hosts that ServiceEntries declare. */
  | { readonly kind: 'entry'; readonly host: string; readonly entries: readonly ServiceEntry[] }
  /** A name that the cluster's services do not have: outside, as far as anyone knows. */
  | { readonly kind: 'outside'; readonly host: string }
  /** A Service that should be there, and was not read. */
  | { readonly kind: 'unread'; readonly namespace: string; readonly name: string };

/** @param namespace  of the client: ServiceEntries must be exported to it */
export function resolveHost(host: string, namespace: string, config: Inventory): ResolvedHost {
  const { clusterDomain } = config.settings;
  const service = config.serviceAt(host);
  if (service !== undefined) return { kind: 'service', service };
  if (host === serviceHost('kubernetes', 'default', clusterDomain)) return { kind: 'kubernetes', host };
  const known = isAddress(host) ? entriesAtAddress(host, config) : config.entriesCovering(host);
  const entries = known.filter((entry) => isExportedTo(entry.exportTo, entry.namespace, namespace));
  const [first] = entries;
  if (first !== undefined && isAddress(host)) return { kind: 'entry', host: first.hosts[0] ?? host, entries };
  if (first !== undefined) return { kind: 'entry', host, entries };
  const named = host.endsWith(`.svc.${clusterDomain}`) ? serviceInHost(host, clusterDomain) : undefined;
  if (named === undefined) return { kind: 'outside', host };
  return { kind: 'unread', namespace: named.namespace, name: named.service };
}

/** The ServiceEntries whose addresses, or networks, hold an address. */
function entriesAtAddress(address: string, config: Inventory): readonly ServiceEntry[] {
  return config
    .once(entriesWithAddresses)
    .filter(({ addresses }) => addresses.some((network) => networkHolds(network, address)));
}

function entriesWithAddresses({ serviceEntries }: Inventory): readonly ServiceEntry[] {
  return serviceEntries.filter(({ addresses }) => addresses.length > 0);
}

/** What a request is sent on to. */
export interface Hop {
  readonly host: string;
  /** undefined: the only port of the service. */
  readonly port: number | undefined;
  readonly subset: string | undefined;
  /** The route that sends it there; undefined: nobody but the caller. */
  readonly by: Deciding | undefined;
}
