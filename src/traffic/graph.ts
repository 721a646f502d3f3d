import { keyOf } from '../model/key-of.ts';
import type { Problem } from '../model/problem.ts';
import {
  describeCaller,
  describeCallee,
  type Call,
  type Callee,
  type Caller,
  type Evidence,
} from '../model/traffic.ts';
import type { Directory } from './directory.ts';
import type { Observed, Party } from './observed.ts';

/** Calls of any sources as one graph: the same edge once, with all that is known of it. A call seen without a port counts
 *  for those between the same two that have one. The order is that of the first mention. */
export function mergeCalls(...sources: readonly (readonly Call[])[]): readonly Call[] {
  const edges = new Map<string, Call>();
  const withPort = new Map<string, string[]>();
  const all = sources.flat();
  const ported = all.filter(({ to }) => to.port !== undefined);
  for (const call of ported) {
    const key = callOf(call);
    const known = edges.get(key);
    edges.set(key, known === undefined ? call : merged(known, call));
    if (known === undefined) withPort.set(pairOf(call), [...(withPort.get(pairOf(call)) ?? []), key]);
  }
  for (const call of all) {
    if (call.to.port !== undefined) continue;
    const same = withPort.get(pairOf(call)) ?? [callOf(call)];
    for (const key of same) {
      const known = edges.get(key);
      edges.set(key, known === undefined ? call : merged(known, call));
    }
  }
  return [...edges.values()].map((call) => asDeclared(call, edges));
}

/** What is known of a call is known of the one that an init container of the same workload makes. */
function asDeclared(call: Call, edges: ReadonlyMap<string, Call>): Call {
  if (call.isFromInit !== true) return call;
  const other = edges.get(callOf({ ...call, isFromInit: undefined }));
  return other === undefined ? call : { ...call, evidence: [...call.evidence, ...other.evidence] };
}

/** At a gateway the path chooses the route, so that each is an edge of its own. */
function callOf({ from, to, host, path, method, gatewayPort, isFromInit }: Call): string {
  const init = isFromInit === true ? ['init'] : [];
  const request = from.kind === 'gateway' ? [path, method, gatewayPort?.toString()] : init;
  return keyOf(describeCaller(from), host, to.kind, describeCallee(to), ...request);
}

function pairOf({ from, to, host }: Call): string {
  const place = to.kind === 'host' ? [to.host] : [to.namespace, to.name];
  return keyOf(describeCaller(from), host, ...place);
}

/** What both agree on; a request of any path stands for one of some path. */
function merged(one: Call, other: Call): Call {
  const isSame = one.path === other.path && one.method === other.method;
  return {
    ...one,
    ...((one.isServedByCallee ?? other.isServedByCallee) === true && { isServedByCallee: true }),
    protocol: one.protocol ?? other.protocol,
    path: isSame ? one.path : undefined,
    method: isSame ? one.method : undefined,
    evidence: [...one.evidence, ...other.evidence],
  };
}

/** Who the gateway's own pods are, so that what they call is known as the gateway's. */
export interface GatewayIdentity {
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** What some tool has seen, as calls of this graph.
 *  @returns problems `graph-namespace-unknown`: a name without a namespace that is not the name of exactly one service */
export function callsOf(
  observed: readonly Observed[],
  directory: Directory,
  gateway: GatewayIdentity | undefined,
  source: Evidence['source'],
  file: string,
): { readonly calls: readonly Call[]; readonly problems: readonly Problem[] } {
  const unknown = new Set<string>();
  const calls = observed.flatMap(({ from, to, protocol, method, path, count, lastSeen }): readonly Call[] => {
    const caller = callerOf(from, directory, gateway, unknown);
    const callee = calleeOf(to, directory, unknown);
    if (caller === undefined || callee === undefined) return [];
    return [
      { from: caller, to: callee, protocol, method, path, evidence: [{ source, file, count, lastSeen }] },
    ];
  });
  const problems = [...unknown].map((name) => ({
    rule: 'graph-namespace-unknown',
    severity: 'warning' as const,
    message: `"${name}" has no namespace and does not identify exactly one service, so its calls were skipped.`,
    fix: 'Make the tool record the namespace, or declare the service.',
    file,
  }));
  return { calls, problems };
}

function callerOf(
  party: Party,
  directory: Directory,
  gateway: GatewayIdentity | undefined,
  unknown: Set<string>,
): Caller | undefined {
  if (party.kind === 'host') return undefined;
  if (party.kind === 'unknown') return { kind: 'outside' };
  if (gateway !== undefined && isGateway(party, gateway)) return { kind: 'gateway' };
  const place = placeOf(party, directory, unknown);
  if (place === undefined) return undefined;
  // Of a caller that is not declared the account says more than the name of its pods.
  return party.account !== undefined && !directory.has(place.namespace, place.name)
    ? { kind: 'account', namespace: place.namespace, serviceAccount: party.account }
    : { kind: 'workload', ...place };
}

function isGateway({ namespace, names, account }: PodsParty, gateway: GatewayIdentity): boolean {
  if (namespace !== gateway.namespace) return false;
  return account === undefined
    ? names.some((name) => name.includes('gateway'))
    : account === gateway.serviceAccount;
}

function calleeOf(party: Party, directory: Directory, unknown: Set<string>): Callee | undefined {
  if (party.kind === 'unknown') return undefined;
  if (party.kind === 'host') return party;
  const place = placeOf(party, directory, unknown);
  return place === undefined ? undefined : { kind: 'service', ...place, port: undefined };
}

type PodsParty = Extract<Party, { readonly kind: 'pods' }>;

function placeOf(
  { namespace, names, account }: PodsParty,
  directory: Directory,
  unknown: Set<string>,
): { readonly namespace: string; readonly name: string } | undefined {
  const [first = ''] = names;
  const place = namespace ?? directory.namespaceOf(first);
  if (place !== undefined) return { namespace: place, name: directory.serviceOf(place, names, account) };
  unknown.add(first);
  return undefined;
}

/** What the gateway was seen to call is what its declared hosts say already, where there are any. */
export function withoutHosts(seen: readonly Call[], declared: readonly Call[]): readonly Call[] {
  const routed = new Set(
    declared.flatMap(({ from, to }) =>
      from.kind === 'gateway' && to.kind === 'service' ? [keyOf(to.namespace, to.name)] : [],
    ),
  );
  return seen.filter(
    ({ from, to }) =>
      from.kind !== 'gateway' || to.kind !== 'service' || !routed.has(keyOf(to.namespace, to.name)),
  );
}
