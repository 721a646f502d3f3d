import { isCatchAllRoute } from '../k8s/http-match.ts';
import { isObject, listAt, objectAt, stringsAt, type JsonObject, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { allOf, type Maybe } from './certainty.ts';
import type { Client } from './client.ts';
import { HostIndex } from '../k8s/host-index.ts';
import { isExportedTo } from '../k8s/host.ts';
import { importsRoute, type Outbound } from './imports.ts';
import type { Inventory } from './inventory.ts';
import { listIn } from '../model/list-in.ts';
import { matchesRoute, type RoutedAt, type RouteRequest } from './route-match.ts';
import { gatewaysOf, hostsOf } from './virtual-service.ts';

/** A route of a VirtualService that takes a request, or may. */
export interface Route {
  /** The VirtualService it is written in: the one of the host, or a delegate of it. */
  readonly resource: Resource;
  readonly value: JsonObject;
  readonly path: YamlPath;
  readonly takes: true | undefined;
}

/** The VirtualServices that route a host in a client's sidecar: of the most specific host that any seen one has. More than
 *  one: only the oldest on the cluster is in force, and Git does not know the age.
 *  @see https://istio.io/latest/docs/reference/config/networking/virtual-service/ */
export function meshRoutesFor(
  host: string,
  client: Client,
  outbound: Outbound,
  inventory: Inventory,
): readonly Resource[] {
  for (const found of routesBoundTo('mesh', inventory).covering(host)) {
    const seen = found.filter(
      (route) =>
        isExportedTo(stringsAt(route.spec, 'exportTo'), route.namespace, client.namespace) &&
        importsRoute(route, client, outbound, inventory),
    );
    if (seen.length > 0) return seen;
  }
  return [];
}

/** The VirtualServices bound to a gateway, by host; case does not count.
 *  @param gateway  `mesh`, or `namespace/name` */
export function routesBoundTo(gateway: string, inventory: Inventory): HostIndex<Resource> {
  return inventory.once(routesOfGateway, gateway);
}

function routesOfGateway(gateway: string, inventory: Inventory): HostIndex<Resource> {
  return new HostIndex(inventory.once(routesByGateway).get(gateway) ?? []);
}

function routesByGateway(inventory: Inventory): ReadonlyMap<string, readonly [string, Resource][]> {
  const found = new Map<string, [string, Resource][]>();
  for (const route of inventory.of('VirtualService'))
    for (const each of new Set(gatewaysOf(route))) {
      const list = listIn(found, each);
      for (const host of hostsOf(route, inventory.settings.clusterDomain))
        list.push([host.toLowerCase(), route]);
    }
  return found;
}

/** The routes of a VirtualService that may take a request, in order, up to the first that does for certain; a delegate's
 *  routes stand in its place. None: the answer is 404.
 *  @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#Delegate */
export function routesTaking(
  service: Resource,
  kind: 'http' | 'tls' | 'tcp',
  request: RouteRequest,
  at: RoutedAt,
  inventory: Inventory,
): readonly Route[] {
  const found: Route[] = [];
  for (const { takes, ...route } of allRoutes(service, kind, request, at, inventory)) {
    if (takes === false) continue;
    found.push({ ...route, takes });
    if (takes === true) break;
  }
  return found;
}

/** The same for several VirtualServices that a gateway merges for one host: catch-all routes go to the end, and between
 *  files the order depends on their age, so that a route of one file never hides those of another.
 *  @see https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services */
export function mergedRoutesTaking(
  services: readonly Resource[],
  request: RouteRequest,
  at: RoutedAt,
  inventory: Inventory,
): readonly Route[] {
  const [only] = services;
  if (only !== undefined && services.length === 1) return routesTaking(only, 'http', request, at, inventory);
  const found = services.flatMap((each) => routesTaking(each, 'http', request, at, inventory));
  const specific = found.filter(({ value }) => !isCatchAllRoute(value));
  return specific.some(({ takes }) => takes === true) ? specific : found;
}

interface RouteCandidate extends Omit<Route, 'takes'> {
  readonly takes: Maybe;
}

function* allRoutes(
  service: Resource,
  kind: 'http' | 'tls' | 'tcp',
  request: RouteRequest,
  at: RoutedAt,
  inventory: Inventory,
): Iterable<RouteCandidate> {
  for (const [index, value] of listAt(service.spec, kind).entries()) {
    if (!isObject(value)) continue;
    const takes = matchesRoute(value, kind, request, at, service.namespace);
    if (!isObject(value.delegate)) {
      yield { resource: service, value, path: ['spec', kind, index], takes };
      continue;
    }
    // A delegate that is not there takes only this route with it.
    const delegate = delegateOf(value, service, inventory);
    if (delegate === undefined) continue;
    for (const [number, inner] of listAt(delegate.spec, 'http').entries())
      if (isObject(inner))
        yield {
          resource: delegate,
          value: inner,
          path: ['spec', 'http', number],
          takes: allOf([takes, matchesRoute(inner, kind, request, at, delegate.namespace)]),
        };
  }
}

function delegateOf(route: JsonObject, root: Resource, inventory: Inventory): Resource | undefined {
  const { name, namespace } = objectAt(route, 'delegate');
  if (typeof name !== 'string') return undefined;
  const from = typeof namespace === 'string' && namespace !== '' ? namespace : root.namespace;
  const found = inventory.find('VirtualService', from, name);
  if (found === undefined || stringsAt(found.spec, 'hosts').length > 0) return undefined;
  return isExportedTo(stringsAt(found.spec, 'exportTo'), from, root.namespace) ? found : undefined;
}

/** What a route answers by itself, without calling anything; undefined: it calls.
 *  @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPDirectResponse */
export function ownAnswer({ value }: Route): string | undefined {
  if (isObject(value.redirect)) return 'a redirect';
  if (!isObject(value.directResponse)) return undefined;
  const { status } = value.directResponse;
  return typeof status === 'number' ? `a direct response ${String(status)}` : 'a direct response';
}
