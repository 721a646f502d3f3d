import type { Resource } from '../model/resource.ts';
import { installedGateways, labelsOfRelease } from './gateway-pods.ts';
import { serversOf, takesAnyName, type GatewayServer } from './gateway-servers.ts';
import { serviceHost } from '../k8s/host.ts';
import { ingressBackends, ingressClassOf } from './ingress.ts';
import type { Inventory } from './inventory.ts';
import { hasLabels, labelsAt } from '../k8s/selector.ts';

/** Where an Application Load Balancer sends requests over TLS. */
interface AlbBackend {
  /** For messages. */
  readonly front: string;
  readonly namespace: string;
  readonly service: string;
  /** Number or name; undefined: not said. */
  readonly port: number | string | undefined;
}

function albBackends(inventory: Inventory): readonly AlbBackend[] {
  return inventory.once(computeBackends);
}

function computeBackends(inventory: Inventory) {
  return inventory
    .of('Ingress')
    .filter(isAlb)
    .flatMap((ingress) => tlsBackends(ingress, inventory));
}

function isAlb(ingress: Resource): boolean {
  const name = ingressClassOf(ingress);
  if (name !== undefined) return name === 'alb' || name.startsWith('alb-');
  return Object.keys(ingress.annotations).some((key) => key.startsWith('alb.ingress.kubernetes.io/'));
}

const protocolAnnotation = 'alb.ingress.kubernetes.io/backend-protocol';

function tlsBackends(ingress: Resource, inventory: Inventory): readonly AlbBackend[] {
  const { namespace, name, annotations } = ingress;
  return ingressBackends(ingress).flatMap(({ name: service, port }): AlbBackend[] => {
    const known = inventory.find('Service', namespace, service);
    const protocol = known?.annotations[protocolAnnotation] ?? annotations[protocolAnnotation];
    if (protocol?.toUpperCase() !== 'HTTPS') return [];
    return [{ front: `the Ingress ${namespace}/${name}`, namespace, service, port }];
  });
}

/** The load balancer in front of a Gateway's server, which speaks TLS to it and sends no SNI; undefined: none is known.
 *  @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html */
export function albBefore(
  gateway: Resource,
  server: GatewayServer,
  inventory: Inventory,
): string | undefined {
  if (!server.isTls) return undefined;
  if (isSharedBehindAlb(gateway, inventory)) return 'the load balancer that the fleet file declares';
  const selector = inventory.selectorLike(labelsAt(gateway.spec, 'selector'));
  return inventory.once(backendBefore, selector, server.port)?.front;
}

function backendBefore(
  selector: Readonly<Record<string, string>>,
  port: number | undefined,
  inventory: Inventory,
): AlbBackend | undefined {
  return albBackends(inventory).find(
    (backend) => leadsTo(backend, selector, inventory) && isPortOf(backend, port, inventory),
  );
}

function isSharedBehindAlb({ namespace, name }: Resource, { fleet, settings }: Inventory): boolean {
  if (fleet === undefined) return false;
  if (settings.gateways?.some(({ gateway }) => gateway === `${namespace}/${name}`) !== true) return false;
  const environments = fleet.fleet.environments.filter(
    (each) => fleet.environment === undefined || each.name === fleet.environment,
  );
  const clusters = environments.flatMap((each) => each.clusters);
  return clusters.length > 0 && clusters.every(({ loadBalancerScheme }) => loadBalancerScheme !== undefined);
}

function leadsTo(
  { namespace, service }: AlbBackend,
  selector: Readonly<Record<string, string>>,
  inventory: Inventory,
): boolean {
  const known = inventory.serviceAt(serviceHost(service, namespace, inventory.settings.clusterDomain));
  if (known !== undefined) return hasLabels(known.selector ?? {}, selector);
  const installed = installedGateways(inventory).find(
    (pods) => pods.namespace === namespace && pods.service === service,
  );
  return hasLabels(installed?.labels ?? labelsOfRelease(service), selector);
}

function isPortOf(
  { namespace, service, port }: AlbBackend,
  ofServer: number | undefined,
  inventory: Inventory,
): boolean {
  const known = inventory.serviceAt(serviceHost(service, namespace, inventory.settings.clusterDomain));
  const found = known?.ports.find((each) => each.number === port || each.name === port);
  if (found !== undefined) return ofServer === found.number || ofServer === found.targetPort;
  if (typeof port !== 'number') return true;
  return ofServer === port || (port === 443 && ofServer === 8443);
}

/** TLS servers behind such a load balancer that need no SNI: they get everything it sends. */
export function openServersBehindAlb(
  inventory: Inventory,
): readonly { readonly gateway: Resource; readonly server: GatewayServer; readonly front: string }[] {
  return inventory.once(computeOpenServers);
}

function computeOpenServers(inventory: Inventory) {
  return inventory.of('Gateway').flatMap((gateway) =>
    serversOf(gateway)
      .filter(takesAnyName)
      .flatMap((server) => {
        const front = albBefore(gateway, server, inventory);
        return front === undefined ? [] : [{ gateway, server, front }];
      }),
  );
}
