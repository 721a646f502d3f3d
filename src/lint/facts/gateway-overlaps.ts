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
import { mayBeUnrelated } from './unrelated.ts';
import { listIn } from '../../model/list-in.ts';

/** A route that may lose its requests to another VirtualService, or get requests of it: age decides. */
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
  return [...inventory.once(claimsByHost).values()].flatMap((claims) =>
    claims.flatMap((claim) => overlapOf(claim, claims, inventory) ?? []),
  );
}

/** For each host at a gateway, the claims that were compared with the first ones only, not with each other. */
export function uncomparedClaims(inventory: Inventory): readonly (readonly HostClaim[])[] {
  return [...inventory.once(claimsByHost).values()]
    .map((claims) => claims.slice(maxCompared))
    .filter((claims) => claims.length > 1);
}

/** A VirtualService that has a host at a gateway. */
export interface HostClaim {
  readonly view: VirtualServiceView;
  readonly host: HostName;
  /** `namespace/name` */
  readonly gateway: string;
}

/** Each claim is compared with this many, so that the work does not grow with the square of them. */
const maxCompared = 20;

function claimsByHost(inventory: Inventory): ReadonlyMap<string, readonly HostClaim[]> {
  const found = new Map<string, HostClaim[]>();
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
  { view, host, gateway }: HostClaim,
  claims: readonly HostClaim[],
  inventory: Inventory,
): Overlap | undefined {
  if (claims.length < 2) return undefined;
  for (const { view: other } of claims.slice(0, maxCompared)) {
    if (other === view || mayBeUnrelated(view.resource, other.resource)) continue;
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
