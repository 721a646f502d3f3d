import { clientTls, subsetLabels } from '../mesh/client-tls.ts';
import type { Deciding } from '../mesh/client.ts';
import { isAddress } from '../k8s/address.ts';
import { isExportedTo } from '../k8s/host.ts';
import { isImported } from '../mesh/imports.ts';
import { workloadMode } from '../mesh/peer-authentication.ts';
import { isHttp } from '../k8s/protocol.ts';
import { hasLabels } from '../k8s/selector.ts';
import type { Service, ServiceEntry, ServicePort } from '../mesh/service.ts';
import { containerPort } from '../mesh/workload.ts';
import { listAt } from '../model/json.ts';
import type { Verdict } from '../model/traffic.ts';
import type { RequestTrace, Sender, SettledPeer } from './trace.ts';
import { arriveAt } from './server.ts';
import type { Hop, ResolvedHost } from './resolved-host.ts';
import { breaks, either, sentence, stepOf, together, undetermined, works } from './verdicts.ts';

/** Whether the sidecar of the sender knows a name at a port. */
export function knows(
  { peer: { client }, outbound }: Sender,
  { host, port }: Hop,
  target: ResolvedHost,
  { state: { config } }: RequestTrace,
): boolean {
  switch (target.kind) {
    case 'unread':
      return true;
    case 'outside':
      return false;
    case 'kubernetes':
      return isImported({ host, namespace: 'default', exportTo: [] }, port ?? 443, client, outbound, config);
    case 'entry':
      return target.entries.some(({ ports, namespace, exportTo }) => {
        const serves = ports.some(({ number }) => number === port);
        // An address is known by the name of its entry.
        const named = target.host;
        return (
          serves && isImported({ host: named, namespace, exportTo }, port ?? 0, client, outbound, config)
        );
      });
    case 'service': {
      const { namespace, exportTo } = target.service;
      return isImported({ host, namespace, exportTo }, port ?? 0, client, outbound, config);
    }
  }
}

/** How a sidecar treats a call to a port: by its routes for HTTP, for TLS by name, or for TCP. */
export function routeKind(
  target: ResolvedHost,
  port: number | undefined,
  { call }: RequestTrace,
): 'http' | 'tls' | 'tcp' {
  const protocol = protocolOf(target, port);
  if (protocol === 'https' || protocol === 'tls') return 'tls';
  // Of names that no object describes, the usual ports say what is spoken.
  if (protocol === undefined && target.kind !== 'service' && call.protocol === undefined)
    return port === 80 || port === 8080 ? 'http' : port === 443 ? 'tls' : 'tcp';
  const http = protocol === undefined ? undefined : isHttp(protocol);
  return (http ?? call.protocol !== 'tcp') ? 'http' : 'tcp';
}

function protocolOf(target: ResolvedHost, port: number | undefined): ServicePort['protocol'] | undefined {
  const ports =
    target.kind === 'service'
      ? target.service.ports
      : target.kind === 'entry'
        ? target.entries.flatMap((entry) => entry.ports)
        : [];
  return ports.find(({ number }) => number === port)?.protocol;
}

/** Sends a request to what its host stands for, through the proxy of the sender. */
export function sendTo(sender: Sender, hop: Hop, target: ResolvedHost, trace: RequestTrace): Verdict {
  const { peer } = sender;
  switch (target.kind) {
    case 'unread':
      return unread(target, hop.by);
    case 'outside':
      return hop.by === undefined
        ? unknownName(sender, hop, target, trace)
        : breaks(
            '503 NC',
            `The route sends to ${hop.host}, which no Service or ServiceEntry declares.`,
            hop.by,
          );
    case 'entry':
      return hop.by !== undefined || knows(sender, hop, target, trace)
        ? (resolvedElsewhere(hop, target.entries) ??
            external(peer, hop, target.entries[0]?.namespace ?? '', trace))
        : unknownName(sender, hop, target, trace);
    case 'kubernetes':
      return knows(sender, hop, target, trace)
        ? external(peer, hop, 'default', trace)
        : unknownName(sender, hop, target, trace);
    case 'service':
      return toService(sender, hop, target.service, trace);
  }
}

function unread({ namespace, name }: { namespace: string; name: string }, by: Deciding | undefined): Verdict {
  return undetermined(
    `No Service ${namespace}/${name} was read.`,
    `Read the repository of ${namespace} too, or remove the call from the graph.`,
    by,
  );
}

/** A name the proxy does not know: passed through as it is, or refused.
 *  @see https://istio.io/latest/docs/tasks/traffic-management/egress/egress-control/ */
function unknownName(
  { peer, outbound: { mode, modeBy, sidecar } }: Sender,
  hop: Hop,
  target: ResolvedHost,
  trace: RequestTrace,
): Verdict {
  const why = `the sidecar of ${peer.name} does not know ${hop.host}`;
  const by = sidecar === undefined ? modeBy : { resource: sidecar, path: ['spec', 'egress'] };
  trace.tell?.(stepOf(`${why}, and the policy for such names is ${mode}`, by));
  if (mode === 'REGISTRY_ONLY') {
    const opaque = routeKind(target, hop.port, trace) !== 'http';
    return breaks(
      opaque ? 'reset' : '502 BlackHole',
      sentence(`${why}, and REGISTRY_ONLY refuses unknown hosts`),
      by,
    );
  }
  return plainly(peer, hop, target, { why: `${why} and passes the call through unchanged`, by }, trace);
}

/** An address of an entry whose endpoints are looked up by its name. */
function resolvedElsewhere({ host }: Hop, entries: readonly ServiceEntry[]): Verdict | undefined {
  const [entry] = entries;
  if (entry === undefined || !isAddress(host) || !entry.resolution.startsWith('DNS')) return undefined;
  if (listAt(entry.resource.spec, 'endpoints').length > 0) return undefined;
  const name = entry.hosts[0] ?? '';
  return undetermined(
    `The ServiceEntry takes calls to ${host}, and sends them to what DNS says of ${name}, which may be nothing.`,
    'Set resolution: NONE, or STATIC with the address as endpoint.',
    { resource: entry.resource, path: ['spec', 'resolution'] },
  );
}

/** Something without a sidecar outside of what Git holds. */
function external(peer: SettledPeer, hop: Hop, namespace: string, trace: RequestTrace): Verdict {
  const upstream = { host: hop.host, namespace, isExternal: true, isHeadless: false, endpoints: [] };
  const { sends, by, why } = clientTls(peer.client, upstream, hop.port ?? 0, hop.subset, trace.state.config);
  trace.tell?.(stepOf(why, by));
  if (sends === 'mtls')
    return breaks('503 UF', sentence(`${hop.host} has no sidecar, and ${why}: the TLS handshake fails`), by);
  if (sends === undefined) return undetermined(sentence(why), 'Keep one DestinationRule per host.', by);
  return works(`${hop.host} is known to the sidecar of ${peer.name}.`);
}

/** Plaintext straight to the address, past every route and rule of the sender. */
export function plainly(
  peer: SettledPeer,
  hop: Hop,
  target: ResolvedHost,
  { why, by }: { readonly why: string; readonly by?: Deciding | undefined },
  trace: RequestTrace,
): Verdict {
  if (target.kind === 'unread') return unread(target, undefined);
  if (target.kind !== 'service') return works(sentence(`${why}, and ${hop.host} is outside the mesh`));
  const { service } = target;
  if (service.externalName !== undefined)
    return works(sentence(`${why}, and ${hop.host} is an alias of ${service.externalName}`));
  return toPods(peer, hop, service, { sends: 'plaintext', by, why }, trace);
}

function toService(sender: Sender, hop: Hop, service: Service, trace: RequestTrace): Verdict {
  const { peer, outbound } = sender;
  const { config, pods } = trace.state;
  const { host, namespace, exportTo, ports } = service;
  const [only] = ports;
  const port = hop.port ?? (ports.length === 1 ? only?.number : undefined);
  if (port === undefined || !ports.some(({ number }) => number === port))
    return breaks(
      '503 NC',
      `The route sends to ${namespace}/${service.name} at a port that the Service does not have.`,
      hop.by,
    );
  // A route takes its destinations in with it, but for what is not exported to its clients.
  if (hop.by !== undefined && !isExportedTo(exportTo, namespace, peer.client.namespace))
    return breaks(
      '503 NC',
      `The route sends to ${namespace}/${service.name}, which is not exported to ${peer.client.namespace}.`,
      hop.by,
    );
  const isKnown =
    hop.by !== undefined || isImported({ host, namespace, exportTo }, port, peer.client, outbound, config);
  if (!isKnown) return unknownName(sender, { ...hop, port }, { kind: 'service', service }, trace);
  if (service.externalName !== undefined)
    return undetermined(
      `${namespace}/${service.name} is an alias of ${service.externalName} (ExternalName), and how the sidecar handles it depends on the version of Istio and the port.`,
      `Add a call to ${service.externalName} itself to the graph.`,
      { resource: service.resource, path: ['spec', 'externalName'] },
    );
  const endpoints = pods.of(service).map(({ takesMtls }) => takesMtls);
  const upstream = { host, namespace, isExternal: false, isHeadless: service.isHeadless, endpoints };
  const tls = clientTls(peer.client, upstream, port, hop.subset, config);
  trace.tell?.(stepOf(tls.why, tls.by));
  if (tls.sends === undefined)
    return undetermined(
      sentence(tls.why),
      'Keep one such object, or read the manifests that create the endpoints.',
      tls.by,
    );
  return toPods(peer, { ...hop, port }, service, { ...tls, sends: tls.sends }, trace);
}

interface Sending {
  readonly sends: 'plaintext' | 'mtls' | 'per-endpoint' | 'tls';
  readonly by: Deciding | undefined;
  readonly why: string;
}

function toPods(
  peer: SettledPeer,
  hop: Hop,
  service: Service,
  { sends, by, why }: Sending,
  trace: RequestTrace,
): Verdict {
  const { config, pods } = trace.state;
  const port = service.ports.find(({ number }) => number === hop.port);
  const labels = hop.subset === undefined ? {} : subsetLabels(peer.client, service, hop.subset, config);
  if (labels === undefined)
    return breaks(
      '503 NC',
      `No DestinationRule in force has a subset "${hop.subset ?? ''}" of ${hop.host}.`,
      hop.by,
    );
  const endpoints = pods.of(service).filter(({ workload }) => hasLabels(workload.labels, labels));
  const found = together(
    endpoints.map((pod) => {
      if (port === undefined) throw new Error('the port was looked up before');
      // Callers are told of each pod whether it takes mTLS; one whose own policy says DISABLE does not.
      const { mode } = workloadMode(pod.workload, containerPort(pod.workload, port.targetPort), config);
      const takesMtls = mode === 'DISABLE' ? false : pod.takesMtls;
      const sent = sends === 'per-endpoint' ? (takesMtls === true ? 'mtls' : 'plaintext') : sends;
      const arrival = { peer, to: service, port, sent, sentBy: by, sentWhy: why } as const;
      if (sends !== 'per-endpoint' || takesMtls !== undefined) return arriveAt(pod, arrival, trace);
      // Auto mTLS goes with the sidecar, whichever is the case.
      return arriveEither(pod, arrival, trace);
    }),
  );
  if (found !== undefined) return found;
  const subset = hop.subset === undefined ? '' : ` of subset "${hop.subset}"`;
  return undetermined(
    `No pods${subset} of the Service ${service.namespace}/${service.name} were read.`,
    'Read the rendered manifests that create its pods.',
    { resource: service.resource, path: ['spec', 'selector'] },
  );
}

function arriveEither(
  pod: Parameters<typeof arriveAt>[0],
  arrival: Parameters<typeof arriveAt>[1],
  trace: RequestTrace,
): Verdict {
  const name = `${pod.workload.namespace}/${pod.workload.name}`;
  const found = either(
    [true, false].map((hasSidecar) =>
      arriveAt(
        { ...pod, hasSidecar },
        { ...arrival, sent: hasSidecar ? 'mtls' : 'plaintext' },
        { ...trace, tell: undefined },
      ),
    ),
    `it is unknown whether ${name} has a sidecar: ${pod.why}`,
    `Also read the Namespace ${pod.workload.namespace} and the manifests of the control plane.`,
  );
  if (found === undefined) throw new Error('there are two possibilities');
  trace.tell?.(stepOf(found.reason));
  return found;
}
