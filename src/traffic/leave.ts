import { portsListed } from '../k8s/captured-ports.ts';
import { outboundOf } from '../mesh/imports.ts';
import { meshRoutesFor } from '../mesh/routes.ts';
import type { Verdict } from '../model/traffic.ts';
import { alongRoutes } from './along-routes.ts';
import type { RequestTrace, Sender, SettledPeer } from './trace.ts';
import { knows, plainly, routeKind, sendTo } from './outbound.ts';
import { resolveHost, type Hop, type ResolvedHost } from './resolved-host.ts';
import { breaks, either, stepOf } from './verdicts.ts';

/** The verdict on a call that leaves `peer` for a host: steps 1 to 5 of the procedure, and then what its pods say. */
export function leave(
  peer: SettledPeer,
  host: string,
  port: number | undefined,
  trace: RequestTrace,
): Verdict {
  const hop: Hop = { host, port, subset: undefined, by: undefined };
  const target = resolveHost(host, peer.client.namespace, trace.state.config);
  const ports = portsOf(target, port);
  if (ports.length === 0 && target.kind === 'service')
    return breaks(
      'refused',
      `The Service ${target.service.namespace}/${target.service.name} has ${port === undefined ? 'no ports' : `no port ${String(port)}`}.`,
      { resource: target.service.resource, path: ['spec', 'ports'] },
    );
  if (ports.length <= 1) return atPort(peer, { ...hop, port: ports[0] ?? port }, target, trace);
  const verdicts = ports.map((each) => atPort(peer, { ...hop, port: each }, target, trace));
  const found = either(
    verdicts,
    `it is unknown which of its ports ${ports.join(', ')} is called`,
    'Add the port to the call.',
  );
  if (found === undefined) throw new Error('there are several ports');
  return found;
}

function portsOf(target: ResolvedHost, port: number | undefined): readonly number[] {
  if (target.kind === 'service' && target.service.externalName === undefined) {
    const known = target.service.ports
      .filter(({ protocol }) => protocol !== 'udp')
      .map(({ number }) => number);
    return port === undefined ? known : known.filter((each) => each === port);
  }
  return port === undefined ? [] : [port];
}

function atPort(peer: SettledPeer, hop: Hop, target: ResolvedHost, trace: RequestTrace): Verdict {
  const { tell, state } = trace;
  const raw = hop.port !== undefined && portsListed(peer.annotations, 'excludeOutboundPorts').has(hop.port);
  if (!peer.hasSidecar || raw) {
    const why = peer.hasSidecar
      ? `${peer.name} excludes port ${String(hop.port)} from its sidecar`
      : `${peer.name} has no sidecar`;
    tell?.(stepOf(peer.hasSidecar ? why : `${why}: ${peer.why}`));
    return plainly(peer, hop, target, { why }, trace);
  }
  if (!peer.client.isGateway) tell?.(stepOf(`${peer.name} has a sidecar: ${peer.why}`));
  const outbound = outboundOf(peer.client, state.config);
  const possible = [outbound, ...outbound.conflicting.map((sidecar) => ({ ...outbound, sidecar }))];
  const verdicts = possible.map((each) => throughSidecar({ peer, outbound: each }, hop, target, trace));
  const found = either(
    verdicts,
    `several Sidecars select ${peer.name}, and the oldest one on the cluster wins`,
    'Keep one Sidecar per namespace or selector.',
  );
  if (found === undefined) throw new Error('there is always one possibility');
  return found;
}

function throughSidecar(sender: Sender, hop: Hop, target: ResolvedHost, trace: RequestTrace): Verdict {
  const { config } = trace.state;
  // A route is in force for the names that the sidecar knows, whatever its hosts say.
  const isKnown = knows(sender, hop, target, trace);
  const services = isKnown ? meshRoutesFor(hop.host, sender.peer.client, sender.outbound, config) : [];
  const kind = routeKind(target, hop.port, trace);
  const [first] = services;
  if (first !== undefined) {
    const verdicts = services.flatMap(
      (service) => alongRoutes({ services: [service], kind, gateway: 'mesh' }, hop, sender, trace) ?? [],
    );
    // A VirtualService without routes for this protocol leaves the call as it is.
    if (verdicts.length === services.length) {
      const found = either(
        verdicts,
        `several VirtualServices route ${hop.host}, and the oldest one on the cluster wins`,
        'Keep one VirtualService per host of the mesh.',
      );
      if (found !== undefined) return found;
    }
  }
  return sendTo(sender, hop, target, trace);
}
