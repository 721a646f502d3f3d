import type { PortProtocol } from '../model/fleet.ts';

/** The protocols that a port can be said to have, and that Istio takes for Services, ServiceEntries and Gateways alike.
 *  @see https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/ */
export const portProtocols = [
  'http',
  'http2',
  'grpc',
  'grpc-web',
  'https',
  'tls',
  'tcp',
  'mongo',
  'mysql',
  'redis',
] as const satisfies readonly PortProtocol[];

/** A protocol by the name that Istio has for it, in small letters. */
export type NamedProtocol = PortProtocol | 'http_proxy' | 'udp';

/** How the proxy treats a port. `sniffed`: it looks at the first bytes. */
export type Protocol = NamedProtocol | 'sniffed';

const byName: ReadonlyMap<string, NamedProtocol> = new Map(
  [...portProtocols, 'http_proxy' as const, 'udp' as const].map((each) => [each, each]),
);

/** The protocol that the field `protocol` of a Gateway's, Sidecar's or ServiceEntry's port says, whatever its case;
 *  undefined: Istio does not know it.
 *  @see https://github.com/istio/istio/blob/master/pkg/config/protocol/instance.go */
export function parseProtocol(text: string): NamedProtocol | undefined {
  return byName.get(text.toLowerCase());
}

/** The protocol that a port's name, or an appProtocol, says: the text before the first `-`. Whatever begins with grpc-web,
 *  the one protocol with a dash in it, is that. */
export function namedProtocol(name: string): NamedProtocol | undefined {
  const text = name.toLowerCase();
  return text.startsWith('grpc-web') ? 'grpc-web' : parseProtocol(text.split('-', 1)[0] ?? '');
}

/** Ports whose protocols speak server first, so that Istio never sniffs them: SMTP, DNS, MySQL, MongoDB. */
const neverSniffed: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/** The names that Kubernetes itself has for protocols.
 *  @see https://kubernetes.io/docs/concepts/services-networking/service/#application-protocol */
const appProtocols: ReadonlyMap<string, NamedProtocol> = new Map([
  ['kubernetes.io/h2c', 'http2'],
  ['kubernetes.io/ws', 'http'],
  ['kubernetes.io/wss', 'https'],
]);

/** The protocol that Istio gives a Service port: its transport, then appProtocol, then the first part of its name.
 *  @param transport  `protocol` of the port: TCP, UDP or SCTP
 *  @see https://github.com/istio/istio/blob/master/pkg/config/kube/conversion.go */
export function protocolOf(port: {
  readonly number: number;
  readonly name: string | undefined;
  readonly appProtocol: string | undefined;
  readonly transport: string;
}): Protocol {
  if (port.transport === 'UDP') return 'udp';
  const said = port.appProtocol ?? port.name;
  const known =
    said === undefined ? undefined : (appProtocols.get(port.appProtocol ?? '') ?? namedProtocol(said));
  if (known !== undefined) return known;
  return neverSniffed.has(port.number) ? 'tcp' : 'sniffed';
}

/** Whether rules about paths, methods and headers apply to what the proxy sees on the port; undefined: it depends on the
 *  bytes, or the protocol is not known. */
export function isHttp(protocol: Protocol | undefined): boolean | undefined {
  if (protocol === undefined || protocol === 'sniffed') return undefined;
  return ['http', 'http2', 'http_proxy', 'grpc', 'grpc-web'].includes(protocol);
}

/** Whether a port carries TLS, which the proxy tells apart by its SNI. */
export function isTls(protocol: Protocol | undefined): boolean {
  return protocol === 'https' || protocol === 'tls';
}
