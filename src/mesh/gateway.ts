import { objectAt, stringsAt } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { covers, isExportedTo, overlaps } from '../k8s/host.ts';
import { selectorOf } from './gateway-pods.ts';
import type { GatewayServer } from './gateway-servers.ts';
import type { Inventory } from './inventory.ts';
import { routesBoundTo } from './routes.ts';
import { listIn } from '../model/list-in.ts';
import { labelsAt, type Labels } from '../k8s/selector.ts';
import { hostsOf } from './virtual-service.ts';

/** Gateways that configure the same pods as this one, itself first: those with the same selector, of any namespace. */
export function gatewaysBeside(gateway: Resource, inventory: Inventory): readonly Resource[] {
  const others = inventory.once(gatewaysBySelector).get(selectorOf(gateway, inventory)) ?? [];
  return [gateway, ...others.filter((each) => each !== gateway)];
}

function gatewaysBySelector(inventory: Inventory): ReadonlyMap<Labels, readonly Resource[]> {
  const found = new Map<Labels, Resource[]>();
  for (const each of inventory.of('Gateway')) listIn(found, selectorOf(each, inventory)).push(each);
  return found;
}

/** The servers whose routes a connection meets.
 *  @param sni  undefined: the client sends none, as load balancers of AWS do to an HTTPS backend
 *  @returns none: no filter chain takes the connection, and it is closed; several of TLS: which one is rejected as a
 *    duplicate depends on their age
 *  @see https://istio.io/latest/docs/ops/common-problems/network-issues/ */
export function serversTaking(
  servers: readonly GatewayServer[],
  port: number,
  sni: string | undefined,
): readonly GatewayServer[] {
  const there = servers.filter((server) => server.port === port);
  if (there.every(({ isTls }) => !isTls)) return there;
  const tls = there.filter(({ isTls }) => isTls);
  // A chain with `*` among its hosts has no server_names at all, so that it takes connections without SNI.
  const open = tls.filter(({ hosts }) => hosts.some(({ dns }) => dns === '*'));
  if (sni === undefined) return open;
  const closed = tls.filter((server) => !open.includes(server));
  const widths = closed.map((server) => {
    const fitting = server.hosts.filter(({ dns }) => covers(dns, sni)).map(({ dns }) => specificity(dns));
    return { server, width: Math.max(0, ...fitting) };
  });
  const best = Math.max(0, ...widths.map(({ width }) => width));
  return best === 0 ? open : widths.filter(({ width }) => width === best).map(({ server }) => server);
}

function specificity(dns: string): number {
  return dns.startsWith('*') ? dns.length : 1000 + dns.length;
}

/** The VirtualServices that a gateway merges for a host: bound to it, exported to its pods, allowed by the namespaces of
 *  its hosts, and of the most specific name. None: the answer is 404.
 *  @param podNamespace  where the gateway's pods run
 *  @see https://istio.io/latest/docs/reference/config/networking/gateway/#Server-hosts */
export function gatewayRoutesFor(
  host: string,
  servers: readonly GatewayServer[],
  podNamespace: string,
  inventory: Inventory,
): readonly Resource[] {
  let best = 0;
  let found = new Set<Resource>();
  // Names are compared as DNS does.
  const wanted = host.toLowerCase();
  for (const { gateway, hosts } of servers)
    for (const routes of routesBoundTo(`${gateway.namespace}/${gateway.name}`, inventory).covering(wanted))
      for (const route of routes) {
        if (!isExportedTo(stringsAt(route.spec, 'exportTo'), route.namespace, podNamespace)) continue;
        const width = widthOf(route, wanted, hosts, inventory.settings.clusterDomain);
        if (width > best) found = new Set();
        best = Math.max(best, width);
        if (width === best && width > 0) found.add(route);
      }
  return [...found];
}

/** How specific the name is under which a route is there for `host`; 0: it is not there. */
function widthOf(route: Resource, host: string, hosts: GatewayServer['hosts'], domain: string): number {
  const own = hostsOf(route, domain).map((each) => each.toLowerCase());
  const shared = hosts
    .filter(({ namespace }) => namespace === '*' || namespace === route.namespace)
    .flatMap(({ dns }) =>
      own.filter((each) => overlaps(dns, each)).map((each) => (covers(dns, each) ? each : dns)),
    )
    .filter((each) => covers(each, host));
  return Math.max(0, ...shared.map(specificity));
}

/** Labels of the pods that a Gateway configures. */
export function gatewaySelector(gateway: Resource): Readonly<Record<string, string>> {
  return labelsAt(objectAt(gateway.spec), 'selector');
}
