import { listAt, objectAt, stringAt, type JsonObject } from '../../../src/model/json.ts';
import type { Call, Symptom } from '../../../src/model/traffic.ts';
import {
  addressesOf,
  filterChainFor,
  networkFilters,
  outboundListener,
  routed,
  textOf,
  type Connection,
  type Request,
} from './envoy.ts';
import { endpointsIn, transportTo, type Sent } from './clusters.ts';
import { serviceName, type ProxyConfig } from './istiod.ts';
import { isAllowed } from './rbac.ts';
import type { SceneService, ScenePod } from './scene.ts';

/** What istiod's configuration makes of a call. `data plane`: what happens is for Envoy, iptables or the application to say. */
export interface Fact {
  readonly word: 'works' | Symptom | '503 UH' | 'data plane';
  readonly why: string;
}

/** A cluster as the judges' API server has it, and what istiod says to each of its proxies. */
export interface Judged {
  readonly pods: readonly ScenePod[];
  /** By full name. */
  readonly services: ReadonlyMap<string, SceneService>;
  readonly gateway: ScenePod;
  readonly trustDomain: string;
  readonly configOf: (pod: ScenePod) => Promise<ProxyConfig>;
}

type Spoken = 'http' | 'tls' | 'tcp';

interface Way extends Judged {
  readonly request: Request;
  readonly spoken: Spoken;
}

interface Sender {
  readonly pod: ScenePod | undefined;
  readonly ip: string;
}

/** Somewhere that is in no cluster. */
const outsideAddress = '203.0.113.10';
const stranger: Sender = { pod: undefined, ip: '198.51.100.7' };

/** What becomes of a call, one fact for each pod that makes it and each place it gets to. */
export async function factsOf(call: Call, judged: Judged): Promise<readonly Fact[]> {
  if (call.from.kind === 'gateway') return throughGateway(call.host ?? '', call, judged);
  const host =
    call.to.kind === 'host' ? call.to.host : `${call.to.name}.${call.to.namespace}.svc.cluster.local`;
  const port = call.to.port ?? 0;
  const service = judged.services.get(host);
  const way: Way = {
    ...judged,
    spoken: spokenTo(service, call, port),
    request: { authority: host, path: call.path ?? '/', method: call.method ?? 'GET' },
  };
  const senders = sendersOf(call, judged);
  if (senders.length === 0) throw new Error('nobody makes the call');
  const facts = await Promise.all(senders.map((sender) => leave(sender, host, port, service, way)));
  return facts.flat();
}

function sendersOf({ from }: Call, { pods, services }: Judged): readonly Sender[] {
  if (from.kind === 'outside' || from.kind === 'gateway' || from.kind === 'unknown') return [stranger];
  const inNamespace = pods.filter(({ namespace }) => namespace === from.namespace);
  const of =
    from.kind === 'account'
      ? inNamespace.filter(
          ({ serviceAccount }) => from.serviceAccount === undefined || serviceAccount === from.serviceAccount,
        )
      : (services.get(`${from.name}.${from.namespace}.svc.cluster.local`)?.pods ?? []);
  const named = from.kind === 'workload' ? inNamespace.filter(({ workload }) => workload === from.name) : [];
  return (of.length > 0 ? of : named).map((pod) => ({ pod, ip: pod.ip }));
}

/** What the client's application writes: by the call, else by what the port is called. */
function spokenTo(service: SceneService | undefined, { protocol }: Call, port: number): Spoken {
  const said = service?.ports.find(({ number }) => number === port)?.said ?? '';
  if (/^(https|tls)(-|$)/.test(said)) return 'tls';
  if (protocol !== undefined) return protocol;
  if (service !== undefined) return /^(tcp|mongo|redis|mysql)(-|$)/.test(said) ? 'tcp' : 'http';
  return port === 443 ? 'tls' : port === 80 || port === 8080 ? 'http' : 'tcp';
}

async function leave(
  sender: Sender,
  host: string,
  port: number,
  service: SceneService | undefined,
  way: Way,
): Promise<readonly Fact[]> {
  const excluded = listed(sender.pod?.annotations ?? {}, 'excludeOutboundPorts').includes(port);
  if (sender.pod?.hasSidecar !== true || excluded) return straight(sender, port, service, way);
  const config = await way.configOf(sender.pod);
  const addresses =
    service === undefined
      ? [outsideAddress]
      : service.clusterIp === 'None'
        ? service.pods.map(({ ip }) => ip)
        : [service.clusterIp];
  const facts: Fact[] = [];
  for (const address of addresses) {
    const target = service?.ports.find(({ number }) => number === port)?.target;
    const pod = service?.pods.find(({ ip }) => ip === address);
    // The name of a headless service gives the pods' own addresses, and so its clients dial the container's port.
    const dialled = pod === undefined ? port : (pod.portOf(target ?? port) ?? port);
    facts.push(
      ...(await throughSidecar(sender, config, { address, port: dialled, called: port }, service, way)),
    );
  }
  return facts;
}

interface Dialled {
  readonly address: string;
  readonly port: number;
  /** The Service's own number. */
  readonly called: number;
}

async function throughSidecar(
  sender: Sender,
  config: ProxyConfig,
  { address, port, called }: Dialled,
  service: SceneService | undefined,
  way: Way,
): Promise<readonly Fact[]> {
  const listener = outboundListener(config, address, port);
  if (listener === undefined) throw new Error('a sidecar has a listener for everything');
  const connection: Connection = {
    address,
    port,
    transport: way.spoken === 'tls' ? 'tls' : 'raw_buffer',
    sni: way.spoken === 'tls' ? way.request.authority : undefined,
    protocols: way.spoken === 'http' ? ['http/1.1'] : way.spoken === 'tls' ? ['h2', 'http/1.1'] : [],
  };
  const chain = filterChainFor(listener, connection);
  const at = `listener ${textOf(listener.name)}`;
  if (chain === undefined) return [{ word: 'reset', why: `${at} has no chain for it` }];
  const next = nextOf(chain, config, way);
  if (Array.isArray(next)) {
    const facts: Fact[] = [];
    for (const name of next as readonly string[])
      facts.push(...(await toCluster(name, sender, config, { address, port, called }, service, way)));
    return facts;
  }
  return [{ ...(next as Fact), why: `${at}: ${(next as Fact).why}` }];
}

/** The clusters that a chain sends on to, or what it answers. */
function nextOf(chain: JsonObject, config: ProxyConfig, { request, spoken }: Way): readonly string[] | Fact {
  for (const { type, config: filter } of networkFilters(chain)) {
    if (type === 'TcpProxy') {
      const weighted = listAt(filter, 'weightedClusters', 'clusters').map(
        (each) => stringAt(each, 'name') ?? '',
      );
      return weighted.length > 0 ? weighted : [stringAt(filter, 'cluster') ?? ''];
    }
    if (type !== 'HttpConnectionManager') continue;
    if (spoken === 'tcp') return { word: 'reset', why: 'an HTTP listener is sent what is no HTTP' };
    const name = stringAt(filter, 'rds', 'routeConfigName');
    const table = name === undefined ? objectAt(filter, 'routeConfig') : config.routes.get(name);
    if (table === undefined) return { word: '404 NR', why: `istiod has no routes ${name ?? ''}` };
    const found = routed(table, request);
    if (found.kind === 'clusters') return found.names;
    if (found.kind === 'none')
      return { word: '404 NR', why: `${found.vhost ?? 'no virtual host'} has no route for it` };
    const isBlocked = found.vhost === 'block_all';
    return {
      word: isBlocked ? '502 BlackHole' : 'works',
      why: `${found.vhost} answers ${String(found.status)}`,
    };
  }
  throw new Error(`a chain without an end: ${JSON.stringify(chain)}`);
}

async function toCluster(
  name: string,
  sender: Sender,
  config: ProxyConfig,
  { address, port, called }: Dialled,
  service: SceneService | undefined,
  way: Way,
): Promise<readonly Fact[]> {
  if (name === 'BlackHoleCluster')
    return [
      { word: way.spoken === 'http' ? '502 BlackHole' : 'reset', why: 'it goes to the BlackHoleCluster' },
    ];
  if (name === 'PassthroughCluster') {
    const facts = await straight(sender, called, service, way);
    return facts.map(({ word, why }) => ({ word, why: `PassthroughCluster: ${why}` }));
  }
  const cluster = config.clusters.get(name);
  if (cluster === undefined) return [{ word: '503 NC', why: `the client has no cluster ${name}` }];
  // To an address of the cluster's own, Kubernetes takes a connection on to any of the pods.
  const endpoints =
    cluster.type === 'ORIGINAL_DST'
      ? service?.clusterIp === address && service.pods.length > 0
        ? service.pods.map((pod) => ({ ip: pod.ip, port: targetOf(service, called, pod), metadata: {} }))
        : [{ ip: address, port, metadata: {} }]
      : endpointsIn(
          cluster.type === 'EDS' ? config.endpoints.get(serviceName(cluster)) : cluster.loadAssignment,
        );
  if (endpoints.length === 0) return [{ word: '503 UH', why: `${name} has no endpoints` }];
  const facts: Fact[] = [];
  for (const endpoint of endpoints) {
    const sent = transportTo(cluster, endpoint.metadata);
    const pod = [...way.pods, way.gateway].find(({ ip }) => ip === endpoint.ip);
    const fact = pod === undefined ? abroad(sent, name) : await arrive(pod, endpoint.port, sent, sender, way);
    facts.push({ word: fact.word, why: `${name} (${sent}): ${fact.why}` });
  }
  return facts;
}

function targetOf({ ports }: SceneService, called: number, pod: ScenePod): number {
  return pod.portOf(ports.find(({ number }) => number === called)?.target ?? called) ?? called;
}

function abroad(sent: Sent, name: string): Fact {
  if (sent === 'mtls') return { word: '503 UF', why: `${name} is not in the mesh` };
  return { word: 'works', why: 'it leaves the mesh' };
}

/** Past every proxy of the sender, to where Kubernetes' own addresses lead. */
async function straight(
  sender: Sender,
  port: number,
  service: SceneService | undefined,
  way: Way,
): Promise<readonly Fact[]> {
  if (service === undefined) return [{ word: 'works', why: 'it leaves the cluster' }];
  const own = service.ports.find(({ number }) => number === port);
  if (own === undefined) return [{ word: 'refused', why: `${service.name} has no port ${String(port)}` }];
  if (service.name === 'kubernetes') return [{ word: 'works', why: 'the API server answers' }];
  if (service.pods.length === 0) return [{ word: 'refused', why: `${service.name} has no pods` }];
  const sent = way.spoken === 'tls' ? 'tls' : 'plaintext';
  return Promise.all(
    service.pods.map((pod) =>
      arrive(pod, pod.portOf(own.target) ?? port, sent, { ...sender, pod: undefined }, way),
    ),
  );
}

/** What a pod's own proxy makes of what it is sent. */
async function arrive(pod: ScenePod, port: number, sent: Sent, sender: Sender, way: Way): Promise<Fact> {
  const { annotations, name } = pod;
  // That these ports never get to the proxy is for iptables to say; Istio's own are documented.
  const isExcluded = [15020, 15021, 15090, ...listed(annotations, 'excludeInboundPorts')].includes(port);
  if (!pod.hasSidecar || isExcluded) {
    if (sent === 'mtls') return { word: '503 UF', why: `${name} takes no mTLS: it has no sidecar there` };
    return { word: sent === 'tls' ? tlsToApplication(way) : 'works', why: `${name} has no sidecar there` };
  }
  const config = await way.configOf(pod);
  const inbound = config.listeners.find((each) => each.name === 'virtualInbound');
  if (inbound === undefined) throw new Error(`${name} has no inbound listener`);
  const wire = way.spoken;
  const connection: Connection = {
    address: pod.ip,
    port,
    transport: sent === 'plaintext' ? 'raw_buffer' : 'tls',
    sni: sent === 'tls' ? way.request.authority : undefined,
    protocols: {
      plaintext: wire === 'http' ? ['http/1.1'] : [],
      mtls: wire === 'http' ? ['istio-http/1.1', 'istio', 'http/1.1'] : ['istio-peer-exchange', 'istio'],
      tls: ['h2', 'http/1.1'],
    }[sent],
  };
  const chain = filterChainFor(inbound, connection);
  if (chain === undefined)
    return {
      word: sent === 'mtls' ? '503 UF' : 'reset',
      why: `${name} has no chain for ${sent} on ${String(port)}`,
    };
  const at = `${name}, chain ${textOf(chain.name)}`;
  const isTerminating = (stringAt(chain, 'transportSocket', 'typedConfig', '@type') ?? '').endsWith(
    'DownstreamTlsContext',
  );
  if (isTerminating && sent === 'tls') return { word: 'reset', why: `${at} wants a certificate of the mesh` };
  if (!isTerminating && sent === 'mtls') return { word: '503 UF', why: `${at} ends no TLS` };
  const account = sender.pod;
  const uri =
    sent !== 'mtls' || account === undefined
      ? undefined
      : `spiffe://${way.trustDomain}/ns/${account.namespace}/sa/${account.serviceAccount}`;
  const refusal = refusedBy(chain, { uri, address: sender.ip, port }, way.request);
  if (refusal !== undefined)
    return { word: refusal.word, why: `${at}: ${refusal.why} (${uri ?? 'no identity'})` };
  return { word: sent === 'tls' ? tlsToApplication(way) : 'works', why: `${at} lets it in` };
}

/** An application that clients speak TLS to is taken to serve it. */
function tlsToApplication({ spoken }: Way): Fact['word'] {
  return spoken === 'tls' ? 'works' : 'data plane';
}

/** The first RBAC filter of a chain that does not let a peer in. */
function refusedBy(
  chain: JsonObject,
  peer: { readonly uri: string | undefined; readonly address: string; readonly port: number },
  request: Request,
): Fact | undefined {
  for (const { type, config } of networkFilters(chain)) {
    if (type === 'RBAC' && !isAllowed(config, { ...peer, request: undefined }))
      return { word: 'reset', why: 'its TCP rules refuse' };
    if (type !== 'HttpConnectionManager') continue;
    for (const filter of listAt(config, 'httpFilters')) {
      const inner = objectAt(filter, 'typedConfig');
      const kind = (stringAt(inner, '@type') ?? '').split('.').at(-1);
      if (kind === 'RBAC' && !isAllowed(inner, { ...peer, request }))
        return { word: '403 RBAC', why: 'its HTTP rules refuse' };
      if (kind === 'ExtAuthz') return { word: 'data plane', why: 'an external authorizer decides' };
    }
  }
  return undefined;
}

/** From a client that has no SNI, as load balancers of AWS have none, to the first TLS port of the gateway, or to 80. */
async function throughGateway(host: string, call: Call, judged: Judged): Promise<readonly Fact[]> {
  const { gateway } = judged;
  const config = await judged.configOf(gateway);
  const listenerAt = (port: number) =>
    config.listeners.find((each) => addressesOf(each).some(([, own]) => own === port));
  const listener = listenerAt(8443) ?? listenerAt(8080);
  if (listener === undefined) return [{ word: 'reset', why: 'the gateway listens nowhere' }];
  const isTls = listener === listenerAt(8443);
  const port = isTls ? 8443 : 8080;
  const request: Request = { authority: host, path: call.path ?? '/', method: call.method ?? 'GET' };
  const way: Way = { ...judged, request, spoken: 'http' };
  const chain = filterChainFor(listener, {
    address: gateway.ip,
    port,
    transport: isTls ? 'tls' : 'raw_buffer',
    sni: undefined,
    protocols: ['http/1.1'],
  });
  if (chain === undefined)
    return [{ word: 'reset', why: 'no chain of the gateway takes a client without SNI' }];
  const refusal = refusedBy(chain, { uri: undefined, address: stranger.ip, port }, request);
  if (refusal !== undefined) return [{ word: refusal.word, why: `the gateway: ${refusal.why}` }];
  const next = nextOf(chain, config, way);
  if (!Array.isArray(next)) return [next as Fact];
  const facts: Fact[] = [];
  for (const name of next as readonly string[])
    facts.push(
      ...(await toCluster(
        name,
        { pod: gateway, ip: gateway.ip },
        config,
        { address: outsideAddress, port, called: port },
        undefined,
        way,
      )),
    );
  return facts;
}

function listed(annotations: Readonly<Record<string, string>>, name: string): readonly number[] {
  return (annotations[`traffic.sidecar.istio.io/${name}`] ?? '').split(',').map(Number);
}

/** One word for all facts of a call: the first that breaks, then what nobody here can say. */
export function wordOf(facts: readonly Fact[]): Fact {
  const [first] = facts;
  const broken = facts.find(({ word }) => word !== 'works' && word !== 'data plane');
  const found = broken ?? facts.find(({ word }) => word === 'data plane') ?? first;
  if (found === undefined) throw new Error('a call without facts');
  return found;
}
