import { covers, expandHost, isExportedTo, overlaps } from '../../k8s/host.ts';
import { gatewayKey } from '../../k8s/gateway-name.ts';
import { serversOf } from '../../mesh/gateway-servers.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { hasPlaceholder } from '../../mesh/placeholder.ts';
import { destinationsOf } from '../../mesh/virtual-service.ts';
import {
  isObject,
  listAt,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
  type JsonObject,
  type YamlPath,
} from '../../model/json.ts';
import type { Resource } from '../../model/resource.ts';
import type { Call, Caller, Entrance } from '../../model/traffic.ts';
import { calleeOfHost } from '../callee-of-host.ts';
import { entranceCollector, evidenceAt } from '../entrance.ts';

/** Routes of VirtualServices on any Gateway: the shared one, the namespace's own, another team's; for any host, `*` included.
 *  A gateway that was not read, and a host or gateway with a placeholder in it, is an entrance all the same.
 *  @see https://istio.io/latest/docs/reference/config/networking/virtual-service/ */
export default entranceCollector({
  way: 'gateway-route',
  *find(inventory) {
    for (const resource of inventory.of('VirtualService'))
      for (const gateway of gatewaysOf(resource)) {
        const hosts = hostsAt(gateway, resource, inventory);
        const [first] = hosts;
        if (first === undefined) continue;
        const seen = new Set<string>();
        for (const route of routesOf(resource, gateway, inventory)) {
          const key = `${route.to.namespace}/${route.to.name}:${String(route.to.port)}`;
          // All hosts have all routes: each host once for a Service, and each route once.
          for (const host of seen.has(key) ? [first] : hosts)
            yield { ...route, from: callerAt(gateway, inventory), host };
          seen.add(key);
        }
      }
  },
});

function gatewaysOf({ spec, namespace }: Resource): readonly string[] {
  const keys = stringsAt(spec, 'gateways').map((text) => gatewayKey(text, namespace));
  return [...new Set(keys)].filter((key) => key !== 'mesh');
}

/** The shared gateway has no name of its own in calls. */
function callerAt(gateway: string, { settings }: Inventory): Caller {
  const [shared] = settings.gateways ?? [];
  return shared?.gateway === gateway ? { kind: 'gateway' } : { kind: 'gateway', gateway };
}

/** The hosts that a gateway serves by a VirtualService: those of both; of a Gateway that was not read, all of the route's. */
function hostsAt(key: string, { spec, namespace }: Resource, inventory: Inventory): readonly string[] {
  const own = stringsAt(spec, 'hosts').map((host) =>
    expandHost(host, namespace, inventory.settings.clusterDomain).toLowerCase(),
  );
  const [place = '', name = ''] = key.split('/');
  const gateway = inventory.find('Gateway', place, name);
  if (gateway === undefined) return own;
  const servers = serversOf(gateway);
  const served = servers
    .flatMap(({ hosts }) => hosts)
    .filter((each) => each.namespace === '*' || each.namespace === namespace)
    .map(({ dns }) => dns);
  const isOpen = served.includes('*') || servers.some(({ hasUnfilledHosts }) => hasUnfilledHosts);
  return [
    ...new Set(
      own.flatMap((host) => {
        if (isOpen || hasPlaceholder(host)) return [host];
        return served.flatMap((dns) => (overlaps(dns, host) ? [covers(dns, host) ? host : dns] : []));
      }),
    ),
  ];
}

type Routed = Omit<Entrance, 'from' | 'host' | 'to'> & {
  readonly to: Extract<Call['to'], { readonly kind: 'service' }>;
};

function* routesOf(resource: Resource, gateway: string, inventory: Inventory): Iterable<Routed> {
  for (const kind of ['http', 'tls', 'tcp'] as const)
    for (const [index, route] of listAt(resource.spec, kind).entries()) {
      if (!isObject(route)) continue;
      const matches = matchesAt(route, gateway, resource.namespace);
      if (matches.length === 0) continue;
      if (!isObject(route.delegate)) {
        yield* routed({ resource, path: ['spec', kind, index], route, kind }, matches, inventory);
        continue;
      }
      const delegate = delegateOf(route, resource, inventory);
      if (delegate === undefined) continue;
      for (const [at, inner] of listAt(delegate.spec, 'http').entries())
        if (isObject(inner)) {
          const isNarrower = listAt(inner, 'match').length > 0;
          const own = isNarrower ? matchesAt(inner, gateway, delegate.namespace) : matches;
          yield* routed(
            { resource: delegate, path: ['spec', 'http', at], route: inner, kind: 'http' },
            own,
            inventory,
          );
        }
    }
}

/** The requests that a route takes at a gateway, one each; none: it is not for that gateway. */
function matchesAt(route: JsonObject, gateway: string, namespace: string): readonly JsonObject[] {
  const matches = listAt(route, 'match').filter(isObject);
  if (matches.length === 0) return [{}];
  return matches.filter((match) => {
    const gateways = stringsAt(match, 'gateways');
    return gateways.length === 0 || gateways.some((each) => gatewayKey(each, namespace) === gateway);
  });
}

function delegateOf(route: JsonObject, root: Resource, inventory: Inventory): Resource | undefined {
  const { name, namespace } = objectAt(route, 'delegate');
  if (typeof name !== 'string') return undefined;
  const from = typeof namespace === 'string' && namespace !== '' ? namespace : root.namespace;
  const found = inventory.find('VirtualService', from, name);
  const isSeen = found !== undefined && isExportedTo(stringsAt(found.spec, 'exportTo'), from, root.namespace);
  return isSeen ? found : undefined;
}

interface WrittenRoute {
  readonly resource: Resource;
  readonly path: YamlPath;
  readonly route: JsonObject;
  readonly kind: 'http' | 'tls' | 'tcp';
}

function* routed(
  { resource, path, route, kind }: WrittenRoute,
  matches: readonly JsonObject[],
  inventory: Inventory,
): Iterable<Routed> {
  const { clusterDomain } = inventory.settings;
  const mirrors = [route.mirror, ...listAt(route, 'mirrors').map((each) => valueAt(each, 'destination'))];
  const copies = mirrors.filter(isObject).map((mirror) => ({
    host: expandHost(stringAt(mirror, 'host') ?? '', resource.namespace, clusterDomain),
    port: valueAt(mirror, 'port', 'number'),
    path: [...path, 'mirror'],
  }));
  const sent = destinationsOf(route, path, resource.namespace, clusterDomain);
  for (const { host, port, path: at } of [...sent, ...copies]) {
    const to = calleeOfHost(host, typeof port === 'number' ? port : undefined, inventory);
    if (to === undefined) continue;
    const evidence = evidenceAt(resource, [...at, 'host'], 'gateway-route');
    const paths = new Set<string>();
    for (const match of matches) {
      const asked = kind === 'http' ? pathOf(match) : undefined;
      const method = kind === 'http' ? stringAt(match, 'method', 'exact') : undefined;
      const key = `${method ?? ''} ${asked ?? ''}`;
      if (paths.has(key)) continue;
      paths.add(key);
      yield {
        to,
        ...(kind !== 'http' && { protocol: 'tcp' as const }),
        ...(asked !== undefined && { path: asked }),
        ...(method !== undefined && { method }),
        evidence,
      };
    }
  }
}

/** A path that the match takes; undefined: any, or one by a pattern. */
function pathOf(match: JsonObject): string | undefined {
  const path = stringAt(match, 'uri', 'exact') ?? stringAt(match, 'uri', 'prefix');
  return path === undefined || path === '/' || path === '' || hasPlaceholder(path) ? undefined : path;
}
