import { gatewayRoutesFor } from '../mesh/gateway.ts';
import { identitiesOf } from '../mesh/gateway-identity.ts';
import { serversOf, type GatewayServer } from '../mesh/gateway-servers.ts';
import type { Inventory } from '../mesh/inventory.ts';
import { mergedRoutesTaking, ownAnswer, routesTaking, type Route } from '../mesh/routes.ts';
import { destinationsOf, gatewaysOf, hostsOf, type RouteDestination } from '../mesh/virtual-service.ts';
import { serviceHost } from '../k8s/host.ts';
import { keyOf } from '../model/key-of.ts';
import { isObject, listAt, stringAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { sameValue } from '../model/same-value.ts';
import type { Call } from '../model/traffic.ts';
import { calleeOfHost } from './callee-of-host.ts';
import { evidenceAt } from './entrance.ts';
import { serversMet } from './through-gateway.ts';

/** Requests that gateways serve before a change and hand to other routes after it, as calls of the proof: a more specific host
 *  takes them from `*`, a path loses its route, a port closes. Only what changes is looked at, so that the cost is that of
 *  the change. A host that the fleet declares for the Service that gets it then is meant to move.
 *  Envoy takes the most specific virtual host, and does not fall back to a wider one.
 *  @see https://istio.io/latest/docs/ops/best-practices/traffic-management/#split-virtual-services */
export function displacedCalls(before: Inventory, after: Inventory): readonly Call[] {
  const found = new Map<string, Call>();
  for (const [key, host] of changedHosts(before, after)) {
    const gateway = before.find('Gateway', ...keyParts(key));
    if (gateway === undefined) continue;
    for (const call of displacedAt({ key, gateway, host }, before, after)) {
      const { to, path, method, gatewayPort } = call;
      const id = keyOf(key, host, JSON.stringify(to), path, method, gatewayPort?.toString());
      if (!found.has(id)) found.set(id, call);
    }
  }
  return [...found.values()];
}

function keyParts(key: string): readonly [string, string] {
  const [namespace = '', name = ''] = key.split('/');
  return [namespace, name];
}

/** Gateways and hosts whose routes may be others than before. */
function* changedHosts(before: Inventory, after: Inventory): Iterable<readonly [string, string]> {
  const seen = new Set<string>();
  const places = function* (routes: readonly Resource[], only: (gateway: string) => boolean) {
    for (const route of routes)
      for (const gateway of gatewaysOf(route))
        if (gateway !== 'mesh' && only(gateway))
          for (const host of hostsOf(route, before.settings.clusterDomain)) {
            const key = keyOf(gateway, host.toLowerCase());
            if (seen.has(key)) continue;
            seen.add(key);
            yield [gateway, host.toLowerCase()] as const;
          }
  };
  const routes = [...changed('VirtualService', before, after)];
  yield* places([...routes, ...rootsOf(routes, before), ...rootsOf(routes, after)], () => true);
  const gateways = new Set(
    [...changed('Gateway', before, after)].map(({ namespace, name }) => `${namespace}/${name}`),
  );
  if (gateways.size === 0) return;
  // Another Gateway of the same pods takes connections at the same port.
  const selectors = [...gateways].flatMap((key) =>
    [before, after].flatMap((each) => each.find('Gateway', ...keyParts(key))?.spec.selector ?? []),
  );
  const beside = new Set(
    before
      .of('Gateway')
      .filter(({ spec }) => selectors.some((selector) => sameValue(selector, spec.selector)))
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  yield* places(before.of('VirtualService'), (key) => gateways.has(key) || beside.has(key));
}

/** VirtualServices that delegate to some of these. */
function rootsOf(delegates: readonly Resource[], inventory: Inventory): readonly Resource[] {
  const changedOnes = new Set(
    delegates
      .filter(({ spec }) => listAt(spec, 'hosts').length === 0)
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  if (changedOnes.size === 0) return [];
  return inventory
    .of('VirtualService')
    .filter(({ spec, namespace }) =>
      listAt(spec, 'http').some((route) =>
        changedOnes.has(
          `${stringAt(route, 'delegate', 'namespace') ?? namespace}/${stringAt(route, 'delegate', 'name') ?? ''}`,
        ),
      ),
    );
}

/** Objects of a kind that are not the same before and after, in each of their forms. */
function* changed(
  kind: 'VirtualService' | 'Gateway',
  before: Inventory,
  after: Inventory,
): Iterable<Resource> {
  const differs = (one: Resource, other: Resource | undefined) =>
    other === undefined || (one !== other && !sameValue(one.spec, other.spec));
  for (const each of before.of(kind))
    if (differs(each, after.find(kind, each.namespace, each.name))) yield each;
  for (const each of after.of(kind))
    if (differs(each, before.find(kind, each.namespace, each.name))) yield each;
}

interface Asked {
  readonly key: string;
  readonly gateway: Resource;
  readonly host: string;
}

/** The routes of a host at one port of a gateway. */
interface Served {
  readonly servers: readonly GatewayServer[];
  readonly services: readonly Resource[];
  readonly bound: string;
  readonly podNamespace: string;
}

function* displacedAt({ key, gateway, host }: Asked, before: Inventory, after: Inventory): Iterable<Call> {
  const [shared] = before.settings.gateways ?? [];
  const isShared = shared?.gateway === key;
  const ports = new Set(serversOf(gateway).flatMap(({ port }) => port ?? []));
  for (const port of ports) {
    const now = servedAt({ key, gateway, host }, isShared, port, before);
    if (now === undefined || now.services.length === 0) continue;
    const then = after.find('Gateway', gateway.namespace, gateway.name);
    const later =
      then === undefined ? undefined : servedAt({ key, gateway: then, host }, isShared, port, after);
    // All routes are there as they were.
    if (later !== undefined && isAlike(now.services, later.services, before, after)) continue;
    for (const request of requestsFor([...now.services, ...(later?.services ?? [])])) {
      const routes = taking(now, { ...request, host, port }, before);
      const taken = later === undefined ? [] : taking(later, { ...request, host, port }, after);
      const places = taken.flatMap((route) => placesOf(route, after));
      const isMeant = places.length > 0 && places.every((place) => isDeclared(host, place, after));
      const isCertain = routes.length === 1 && routes[0]?.takes === true;
      for (const route of routes) {
        const own = placesOf(route, before);
        const isKept = own.every(({ host: each }) => places.some((place) => place.host === each));
        if (own.length === 0 || (isKept && later !== undefined) || isMeant) continue;
        for (const place of own) {
          const to = calleeOfHost(place.host, place.port, before);
          if (to === undefined) continue;
          yield {
            from: isShared ? { kind: 'gateway' } : { kind: 'gateway', gateway: key },
            to,
            host,
            ...request,
            ...(ports.size > 1 && { gatewayPort: port }),
            ...(isCertain && own.length === 1 && { isServedByCallee: true }),
            evidence: evidenceAt(route.resource, [...place.path, 'host'], 'gateway-route'),
          };
        }
      }
    }
  }
}

function servedAt(
  { gateway, host }: Asked,
  isShared: boolean,
  port: number,
  inventory: Inventory,
): Served | undefined {
  const { servers } = serversMet({ gateway, host, isShared, call: { gatewayPort: port } }, inventory);
  const [server] = servers;
  if (server === undefined) return undefined;
  const podNamespace = identitiesOf(gateway, inventory)[0]?.podNamespace ?? gateway.namespace;
  return {
    servers,
    services: gatewayRoutesFor(host, servers, podNamespace, inventory),
    bound: `${server.gateway.namespace}/${server.gateway.name}`,
    podNamespace,
  };
}

/** Whether the same VirtualServices say the same, and delegate to the same. */
function isAlike(
  now: readonly Resource[],
  later: readonly Resource[],
  before: Inventory,
  after: Inventory,
): boolean {
  if (now.length !== later.length) return false;
  return now.every((one) => {
    const same = later.find(({ name, namespace }) => name === one.name && namespace === one.namespace);
    if (same === undefined || !(one === same || sameValue(one.spec.http, same.spec.http))) return false;
    return listAt(one.spec, 'http').every((route) => {
      const name = stringAt(route, 'delegate', 'name');
      if (name === undefined) return true;
      const from = stringAt(route, 'delegate', 'namespace') ?? one.namespace;
      const [old, young] = [before, after].map((each) => each.find('VirtualService', from, name));
      return old === young || sameValue(old?.spec, young?.spec);
    });
  });
}

interface Request {
  readonly path?: string;
  readonly method?: string;
}

const usualMethods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'] as const;

/** One request for each path and method that the routes tell apart, and one for what none of them names. */
function requestsFor(services: readonly Resource[]): readonly Request[] {
  const exact = new Set<string>();
  const prefixes = new Set(['/']);
  const methods = new Set<string>();
  for (const { spec } of services)
    for (const route of listAt(spec, 'http'))
      for (const match of listAt(route, 'match')) {
        const path = stringAt(match, 'uri', 'exact');
        const prefix = stringAt(match, 'uri', 'prefix');
        if (path !== undefined) exact.add(path);
        if (prefix !== undefined && prefix !== '') prefixes.add(prefix);
        const method = stringAt(match, 'method', 'exact');
        if (method !== undefined) methods.add(method);
      }
  const paths = [...exact, ...[...prefixes].map((prefix) => below(prefix, exact))];
  if (methods.size === 0) return [...new Set(paths)].map((path) => ({ path }));
  const other = usualMethods.find((each) => !methods.has(each));
  const all = [...methods, ...(other === undefined ? [] : [other])];
  return [...new Set(paths)].flatMap((path) => all.map((method) => ({ path, method })));
}

/** A path with this prefix that no route names whole. */
function below(prefix: string, exact: ReadonlySet<string>): string {
  let path = prefix;
  while (exact.has(path)) path = path.endsWith('/') ? `${path}other` : `${path}/`;
  return path;
}

function taking(
  { services, bound, podNamespace }: Served,
  request: Request & { readonly host: string; readonly port: number },
  inventory: Inventory,
): readonly Route[] {
  const [first] = services;
  const client = { namespace: podNamespace, labels: {}, isGateway: true };
  const at = { gateway: bound, client };
  const asked = { host: request.host, path: request.path, method: request.method, port: request.port };
  return first !== undefined && services.length === 1
    ? routesTaking(first, 'http', asked, at, inventory)
    : mergedRoutesTaking(services, asked, at, inventory);
}

/** Where a route sends requests; one that answers by itself sends none. */
function placesOf(route: Route, { settings }: Inventory): readonly RouteDestination[] {
  if (ownAnswer(route) !== undefined || !isObject(route.value)) return [];
  return destinationsOf(route.value, route.path, route.resource.namespace, settings.clusterDomain);
}

/** Whether the fleet declares a host for the Service that a route leads to. */
function isDeclared(host: string, place: RouteDestination, inventory: Inventory): boolean {
  return inventory.once(declaredHosts).has(keyOf(host, place.host));
}

function declaredHosts({ fleet, settings }: Inventory): ReadonlySet<string> {
  const found = new Set<string>();
  for (const target of fleet?.fleet.targets ?? [])
    if (target.kind === 'namespace' && target.environment === fleet?.environment)
      for (const { namespace, services } of target.specs)
        for (const { name, hosts } of services)
          for (const host of hosts)
            found.add(keyOf(host, serviceHost(name, namespace, settings.clusterDomain)));
  return found;
}
