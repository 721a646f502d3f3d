import { overlaps } from '../k8s/host.ts';
import { gatewayRoutesFor, gatewaySelector, gatewaysBeside, serversTaking } from '../mesh/gateway.ts';
import { serversOf, type GatewayServer } from '../mesh/gateway-servers.ts';
import { identitiesOf, type ProxyIdentity } from '../mesh/gateway-identity.ts';
import { authorize } from '../mesh/authorization.ts';
import { outboundOf } from '../mesh/imports.ts';
import type { Inventory } from '../mesh/inventory.ts';
import type { Resource } from '../model/resource.ts';
import type { Verdict } from '../model/traffic.ts';
import { alongRoutes } from './along-routes.ts';
import { unknownAccount } from '../k8s/principal.ts';
import type { RequestTrace, SettledPeer } from './trace.ts';
import { breaks, either, sentence, stepOf, undetermined } from './verdicts.ts';

/** The verdict on a request for an external host at a gateway. A load balancer sends it to the shared one without SNI; clients
 *  of others are taken to send the name they ask for.
 *  @see https://istio.io/latest/docs/ops/common-problems/network-issues/ */
export function throughGateway(host: string, trace: RequestTrace): Verdict {
  const { config } = trace.state;
  const { from } = trace.call;
  const [shared] = config.settings.gateways ?? [];
  const asked = from.kind === 'gateway' ? from.gateway : undefined;
  const key = asked ?? shared?.gateway;
  if (key === undefined)
    return undetermined('No shared gateway is declared.', 'Declare mesh.gateway in fleet.yaml.');
  const [namespace = '', name = ''] = key.split('/');
  const gateway = config.find('Gateway', namespace, name);
  if (gateway === undefined)
    return undetermined(
      `The Gateway ${key} was not read.`,
      'Read the repository of the cluster too, where the gateway is declared.',
    );
  const entered = enter(gateway, host, asked === undefined || asked === shared?.gateway, trace);
  if ('verdict' in entered) return entered;
  const identities = identitiesOf(gateway, config);
  if (identities.length === 0)
    return undetermined(
      `Nothing that was read makes the pods that the Gateway ${key} selects.`,
      'Read the repository that installs the gateway too.',
      { resource: gateway, path: ['spec', 'selector'] },
    );
  const verdicts = identities.map((identity) =>
    fromPods({ key, gateway, host, servers: entered, identity }, trace),
  );
  const found = either(
    verdicts,
    `it is unknown which of the pods that the Gateway ${key} selects clients reach`,
    'Give each gateway a selector of its own.',
  );
  if (found === undefined) throw new Error('there is at least one identity');
  return found;
}

/** The servers whose routes a request meets. */
function enter(
  gateway: Resource,
  host: string,
  isShared: boolean,
  trace: RequestTrace,
): readonly GatewayServer[] | Verdict {
  const { call, state } = trace;
  const key = `${gateway.namespace}/${gateway.name}`;
  const { entry, servers, isOpen } = serversMet({ gateway, host, isShared, call }, state.config);
  const [server] = servers;
  if (!isOpen)
    return breaks(
      'refused',
      `No Gateway of the pods that ${key} selects has port ${String(call.gatewayPort)}.`,
      { resource: gateway, path: ['spec', 'servers'] },
    );
  if (server === undefined)
    return breaks(
      'reset',
      `The Gateway ${key} lists specific hosts, but the load balancer sends no SNI, so no filter chain matches the connection.`,
      { resource: gateway, path: entry === undefined ? ['spec', 'servers'] : [...entry.path, 'hosts'] },
    );
  if (servers.length > 1 && server.isTls)
    return undetermined(
      'Several Gateways accept connections without SNI on this port, and the oldest one on the cluster wins.',
      'Keep one Gateway with hosts "*" per port.',
      { resource: server.gateway, path: [...server.path, 'hosts'] },
    );
  return servers;
}

/** A request that reaches the pods of a Gateway. */
interface Arriving {
  readonly gateway: Resource;
  readonly host: string;
  /** Whether a load balancer sends it on, without SNI. */
  readonly isShared: boolean;
  readonly call: Pick<RequestTrace['call'], 'protocol' | 'gatewayPort'>;
}

/** The servers of a Gateway, and of those beside it, that take a request.
 *  @returns `entry`: the one that is asked; `isOpen`: whether there is one at the port, where the call says which */
export function serversMet(
  { gateway, host, isShared, call }: Arriving,
  config: Inventory,
): {
  readonly entry: GatewayServer | undefined;
  readonly servers: readonly GatewayServer[];
  readonly isOpen: boolean;
} {
  const { gatewayPort } = call;
  const all = gatewaysBeside(gateway, config).flatMap(serversOf);
  const isOpen = gatewayPort === undefined || all.some(({ port }) => port === gatewayPort);
  const own = serversOf(gateway).filter(
    ({ hosts, port }) =>
      (gatewayPort === undefined || port === gatewayPort) &&
      (isShared || hosts.some(({ dns }) => overlaps(dns, host.toLowerCase()))),
  );
  const isTcp = call.protocol === 'tcp';
  const entry = own.find(({ isTls, isPassthrough }) => isTls && (!isTcp || isPassthrough)) ?? own[0];
  const port = gatewayPort ?? entry?.port ?? 443;
  const servers = serversTaking(all, port, isShared || host === '*' ? undefined : host);
  return { entry, servers, isOpen };
}

interface Entered {
  readonly key: string;
  readonly gateway: Resource;
  readonly host: string;
  readonly servers: readonly GatewayServer[];
  readonly identity: ProxyIdentity;
}

function fromPods({ key, gateway, host, servers, identity }: Entered, trace: RequestTrace): Verdict {
  const { config, name } = trace.state;
  const [server] = servers;
  if (server === undefined) throw new Error('the request met a server');
  const routes = gatewayRoutesFor(host, servers, identity.podNamespace, config);
  const at = { resource: server.gateway, path: [...server.path, 'hosts'] };
  if (routes.length === 0) {
    const none = `No VirtualService bound to ${key} has the host ${host}`;
    const { to } = trace.call;
    // The routes of a Service are usually beside it: what was not read is not missing.
    if (to.kind !== 'host' && !config.isRead(to.namespace))
      return undetermined(
        `${none}, but ${to.namespace} was not read, where it may be.`,
        `Read the repository of ${to.namespace} too.`,
        at,
      );
    return name === 'before'
      ? undetermined(
          `${none}, so it is unknown what routes it today.`,
          'Nothing to do if another gateway or an Ingress routes it.',
          at,
        )
      : breaks('404 NR', `${none}.`, at);
  }
  const peer = gatewayPeer(identity, gatewaySelector(gateway));
  trace.tell?.(stepOf(`the gateway ${key} accepts ${host}`, { resource: server.gateway, path: server.path }));
  const refusal = refusedByGateway(peer, trace);
  if (refusal !== undefined) return refusal;
  const hop = { host, port: server.port, subset: undefined, by: undefined };
  const bound = `${server.gateway.namespace}/${server.gateway.name}`;
  const sender = { peer, outbound: outboundOf(peer.client, config) };
  const kinds = trace.call.protocol !== 'tcp' ? (['http'] as const) : (['tls', 'tcp'] as const);
  for (const kind of kinds) {
    const found = alongRoutes({ services: routes, kind, gateway: bound }, hop, sender, trace);
    if (found !== undefined) return found;
  }
  return breaks(
    '404 NR',
    `The VirtualServices for ${host} have no ${kinds.join(' or ').toUpperCase()} routes.`,
  );
}

/** The gateway obeys policies too: those of its namespace, and those of the root namespace that are for the whole mesh. Its
 *  clients have no identity, and the port its pods listen on is not in Git.
 *  @returns undefined: it lets the request in */
function refusedByGateway({ client }: SettledPeer, { call, state, tell }: RequestTrace): Verdict | undefined {
  const request = {
    identity: undefined,
    port: undefined,
    isHttp: true,
    path: call.path,
    method: call.method,
  };
  const { isAllowed, by, why } = authorize(client, request, state.config);
  if (isAllowed === true) return undefined;
  const reason = sentence(`at the gateway, ${why}`);
  tell?.(stepOf(reason, by));
  return isAllowed === false
    ? breaks('403 RBAC', reason, by)
    : undetermined(
        reason,
        'State the path and method of the call, or remove the condition from the policy.',
        by,
      );
}

function gatewayPeer(
  { podNamespace, serviceAccount = unknownAccount }: ProxyIdentity,
  labels: Readonly<Record<string, string>>,
): SettledPeer {
  return {
    name: 'the gateway',
    client: { namespace: podNamespace, labels, isGateway: true },
    hasSidecar: true,
    why: 'it is a proxy',
    identity: { namespace: podNamespace, serviceAccount },
    annotations: {},
  };
}
