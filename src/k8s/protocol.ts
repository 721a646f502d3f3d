/** How the proxy treats a port. `sniffed`: it looks at the first bytes.
 *  @see https://istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection/ */
export type Protocol =
  | 'http'
  | 'http2'
  | 'grpc'
  | 'grpc-web'
  | 'https'
  | 'tls'
  | 'tcp'
  | 'mongo'
  | 'mysql'
  | 'redis'
  | 'udp'
  | 'sniffed';

const named: ReadonlySet<string> = new Set<Protocol>([
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
  'udp',
]);

/** Ports whose protocols speak server first, so that Istio never sniffs them: SMTP, DNS, MySQL, MongoDB. */
const neverSniffed: ReadonlySet<number> = new Set([25, 53, 3306, 27017]);

/** The protocol that Istio gives a Service port: its transport, then appProtocol, then the first part of its name.
 *  @param transport  `protocol` of the port: TCP, UDP or SCTP */
export function protocolOf(port: {
  readonly number: number;
  readonly name: string | undefined;
  readonly appProtocol: string | undefined;
  readonly transport: string;
}): Protocol {
  if (port.transport === 'UDP') return 'udp';
  const said =
    port.appProtocol === undefined ? port.name : (appProtocols.get(port.appProtocol) ?? port.appProtocol);
  const known = said === undefined ? undefined : namedProtocol(said);
  if (known !== undefined) return known;
  return neverSniffed.has(port.number) ? 'tcp' : 'sniffed';
}

const appProtocols: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/h2c', 'http2'],
  ['kubernetes.io/ws', 'http'],
  ['kubernetes.io/wss', 'https'],
]);

/** The protocol that a port name, or an appProtocol, says: the text before the first `-`. */
export function namedProtocol(name: string): Protocol | undefined {
  const text = name.toLowerCase();
  // The one protocol with a dash in it.
  const said = text === 'grpc-web' || text.startsWith('grpc-web-') ? 'grpc-web' : (text.split('-')[0] ?? '');
  return named.has(said) ? (said as Protocol) : undefined;
}

/** Whether rules about paths, methods and headers apply to what the proxy sees on the port; undefined: it depends on the bytes. */
export function isHttp(protocol: Protocol): boolean | undefined {
  if (protocol === 'sniffed') return undefined;
  return ['http', 'http2', 'grpc', 'grpc-web'].includes(protocol);
}
