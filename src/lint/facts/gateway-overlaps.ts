import { keyOf } from '../../model/key-of.ts';
import { isCatchAllMatch } from '../../k8s/http-match.ts';
import type { Resource } from '../../model/resource.ts';
import { admits, serversOf, type GatewayServer } from '../../mesh/gateway-servers.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { MatchIndex, matchesOf, type RouteMatch } from './route-shadows.ts';
import {
  virtualServicesOf,
  type GatewayRef,
  type HostName,
  type VirtualServiceView,
} from '../../mesh/virtual-services.ts';
import { mayBeStrangers } from './strangers.ts';
import { listIn } from '../../model/list-in.ts';

/** A route that may lose its requests to another VirtualService, or take them from it: age decides. */
export interface Overlap {
  readonly view: VirtualServiceView;
  readonly host: HostName;
  readonly other: VirtualServiceView;
  /** `namespace/name` of the gateway that both are bound to. */
  readonly gateway: string;
  readonly match: RouteMatch;
}

/** Overlaps of VirtualServices with the same host at the same gateway: one for each host of each of the two. */
export function overlapsAtGateways(inventory: Inventory): readonly Overlap[] {
  return inventory.once(computeOverlaps);
}

function computeOverlaps(inventory: Inventory) {
  return [...claims(inventory).values()].flatMap((rivals) =>
    rivals.slice(0, maxRivals).flatMap((claim) => overlapOf(claim, rivals, inventory) ?? []),
  );
}

interface Claim {
  readonly view: VirtualServiceView;
  readonly host: HostName;
  /** `namespace/name` */
  readonly gateway: string;
}

/** Each pair is compared, so there must be a limit. */
const maxRivals = 20;

function claims(inventory: Inventory): ReadonlyMap<string, readonly Claim[]> {
  const found = new Map<string, Claim[]>();
  for (const view of virtualServicesOf(inventory))
    for (const gateway of view.gateways) {
      if (gateway.isMesh) continue;
      const servers = serversAt(gateway, view.resource, inventory);
      for (const host of view.hosts)
        if (servers?.every((server) => !mayTake(server, host.host, view.resource.namespace)) !== true)
          listIn(found, keyOf(gateway.key, host.host)).push({ view, host, gateway: gateway.key });
    }
  return found;
}

/** The servers of a gateway; undefined where the Gateway that is meant was not read. */
function serversAt(
  { namespace, name }: GatewayRef,
  { hasNamespace }: Resource,
  inventory: Inventory,
): readonly GatewayServer[] | undefined {
  const gateway = inventory.find('Gateway', namespace, name);
  if (gateway?.hasNamespace !== hasNamespace) return undefined;
  return inventory.once(serversOf, gateway);
}

function mayTake(server: GatewayServer, host: string, namespace: string): boolean {
  return server.hasUnfilledHosts || admits(server, host, namespace);
}

function overlapOf(
  { view, host, gateway }: Claim,
  rivals: readonly Claim[],
  inventory: Inventory,
): Overlap | undefined {
  if (rivals.length < 2) return undefined;
  for (const { view: other } of rivals.slice(0, maxRivals)) {
    if (other === view || mayBeStrangers(view.resource, other.resource)) continue;
    const match = pairOf(view, other, inventory)?.loser ?? pairOf(other, view, inventory)?.taker;
    if (match !== undefined) return { view, host, other, gateway, match };
  }
  return undefined;
}

interface Tried {
  readonly matches: readonly RouteMatch[];
  readonly index: MatchIndex;
}

function triedBy(resource: Resource): Tried {
  const tried = { matches: matchesOf(resource, ['http']), index: new MatchIndex() };
  for (const match of tried.matches) tried.index.add(match);
  return tried;
}

function pairOf(
  later: VirtualServiceView,
  earlier: VirtualServiceView,
  inventory: Inventory,
): { readonly loser: RouteMatch; readonly taker: RouteMatch } | undefined {
  const { index } = inventory.once(triedBy, earlier.resource);
  for (const loser of inventory.once(triedBy, later.resource).matches) {
    if (loser.isDelegated) continue;
    const taker = index.takerOf(loser);
    if (taker === undefined || isSameAction(loser, taker, later, earlier)) continue;
    // Routes that take everything are moved to the end, behind all others of the host.
    if (isCatchAllMatch(taker.match) && !isCatchAllMatch(loser.match)) continue;
    return { loser, taker };
  }
  return undefined;
}

/** Whether both send a request to the same places, so that it does not matter which of the two has it. */
function isSameAction(
  one: RouteMatch,
  other: RouteMatch,
  first: VirtualServiceView,
  second: VirtualServiceView,
): boolean {
  const places = goals(first, one);
  return places.length > 0 && keyOf(...places) === keyOf(...goals(second, other));
}

function goals({ destinations }: VirtualServiceView, { kind, route }: RouteMatch): readonly string[] {
  return destinations
    .filter(({ path }) => path[1] === kind && path[2] === route)
    .map(({ host, subset = '', port = '' }) => keyOf(host, subset, port));
}
