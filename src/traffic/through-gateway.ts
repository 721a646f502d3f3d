import {
  gatewayRoutesFor,
  gatewaySelector,
  gatewaysBeside,
  serversOf,
  serversTaking,
} from '../mesh/gateway.ts';
import { authorize } from '../mesh/authorization.ts';
import { outboundOf } from '../mesh/imports.ts';
import type { Verdict } from '../model/traffic.ts';
import { alongRoutes } from './along-routes.ts';
import type { RequestTrace, SettledPeer } from './trace.ts';
import { breaks, sentence, stepOf, undetermined } from './verdicts.ts';

/** The verdict on a request for an external host at the shared gateway. A load balancer sends it there without SNI.
 *  @see https://istio.io/latest/docs/ops/common-problems/network-issues/ */
export function throughGateway(host: string, trace: RequestTrace): Verdict {
  const { config, name } = trace.state;
  const [declared] = config.settings.gateways ?? [];
  if (declared === undefined)
    return undetermined('No shared gateway is declared.', 'Declare mesh.gateway in fleet.yaml.');
  const [namespace = '', gatewayName = ''] = declared.gateway.split('/');
  const gateway = config.find('Gateway', namespace, gatewayName);
  if (gateway === undefined)
    return undetermined(
      `The Gateway ${declared.gateway} was not read.`,
      'Read the repository of the cluster too, where the shared gateway is declared.',
    );
  const own = serversOf(gateway);
  const entry = own.find(({ isTls }) => isTls) ?? own[0];
  const servers = serversTaking(
    gatewaysBeside(gateway, config).flatMap(serversOf),
    entry?.port ?? 443,
    undefined,
  );
  const [server] = servers;
  if (server === undefined)
    return breaks(
      'reset',
      `The Gateway ${declared.gateway} lists specific hosts, but the load balancer sends no SNI, so no filter chain matches the connection.`,
      { resource: gateway, path: entry === undefined ? ['spec', 'servers'] : [...entry.path, 'hosts'] },
    );
  if (servers.length > 1 && server.isTls)
    return undetermined(
      'Several Gateways accept connections without SNI on this port, and the oldest one on the cluster wins.',
      'Keep one Gateway with hosts "*" per port.',
      { resource: server.gateway, path: [...server.path, 'hosts'] },
    );
  const routes = gatewayRoutesFor(host, servers, declared.podNamespace, config);
  if (routes.length === 0) {
    const by = { resource: server.gateway, path: [...server.path, 'hosts'] };
    return name === 'before'
      ? undetermined(
          `No VirtualService bound to ${declared.gateway} has the host ${host}, so it is unknown what routes it today.`,
          'Nothing to do if another gateway or an Ingress routes it.',
          by,
        )
      : breaks('404 NR', `No VirtualService bound to ${declared.gateway} has the host ${host}.`, by);
  }
  const peer = gatewayPeer(declared, gatewaySelector(gateway));
  trace.tell?.(
    stepOf(`the gateway ${declared.gateway} accepts ${host}`, {
      resource: server.gateway,
      path: server.path,
    }),
  );
  const refusal = refusedByGateway(peer, trace);
  if (refusal !== undefined) return refusal;
  const hop = { host, port: server.port, subset: undefined, by: undefined };
  const routing = {
    services: routes,
    kind: 'http' as const,
    gateway: `${server.gateway.namespace}/${server.gateway.name}`,
  };
  const found = alongRoutes(routing, hop, { peer, outbound: outboundOf(peer.client, config) }, trace);
  return found ?? breaks('404 NR', `The VirtualServices for ${host} have no HTTP routes.`);
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
  { podNamespace, serviceAccount }: { readonly podNamespace: string; readonly serviceAccount: string },
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
