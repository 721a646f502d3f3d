import { isKeptFromSidecar } from '../k8s/captured-ports.ts';
import { unknownAccount } from '../k8s/principal.ts';
import { authorize } from '../mesh/authorization.ts';
import type { Deciding } from '../mesh/client.ts';
import { workloadMode, type ModeInForce } from '../mesh/peer-authentication.ts';
import { isHttp } from '../k8s/protocol.ts';
import type { ServicePort } from '../mesh/service.ts';
import { containerPort } from '../mesh/workload.ts';
import type { Verdict } from '../model/traffic.ts';
import type { RequestTrace, SettledPeer } from './trace.ts';
import type { Pod } from './pods.ts';
import { breaks, either, sentence, stepOf, undetermined, works } from './verdicts.ts';

/** What reaches a pod. */
export interface Arrival {
  readonly peer: SettledPeer;
  /** The Service, or the workload that is called by its addresses. */
  readonly to: { readonly namespace: string; readonly name: string };
  readonly port: ServicePort;
  /** What the sender makes of it, and the object and reason why. */
  readonly sent: 'plaintext' | 'mtls' | 'tls';
  readonly sentBy: Deciding | undefined;
  readonly sentWhy: string;
}

/** Ports that a sidecar never takes: its own. */
const agentPorts: ReadonlySet<number> = new Set([15020, 15021, 15090]);

/** What a pod makes of a connection: steps 6 to 10 of the procedure.
 *  @see https://istio.io/latest/docs/concepts/security/#authentication-architecture */
export function arriveAt(pod: Pod, arrival: Arrival, trace: RequestTrace): Verdict {
  const name = nameOf(pod);
  if (pod.hasSidecar !== undefined) return settled(pod, pod.hasSidecar, arrival, trace);
  const possible = [true, false].map((hasSidecar) =>
    settled(pod, hasSidecar, arrival, { ...trace, tell: undefined }),
  );
  const found = either(
    possible,
    `it is unknown whether ${name} has a sidecar: ${pod.why}`,
    `Also read the Namespace ${pod.workload.namespace} and the manifests of the control plane.`,
  );
  if (found === undefined) throw new Error('there are two possibilities');
  trace.tell?.(stepOf(found.reason));
  return found;
}

function settled(pod: Pod, hasSidecar: boolean, arrival: Arrival, trace: RequestTrace): Verdict {
  const { workload } = pod;
  const name = nameOf(pod);
  const { peer, sent, sentBy, sentWhy, port } = arrival;
  const number = containerPort(workload, port.targetPort);
  const isExcluded =
    number !== undefined && (agentPorts.has(number) || isKeptFromSidecar(workload.annotations, number));
  if (!hasSidecar || isExcluded) {
    const what = hasSidecar
      ? `port ${String(number)} of ${name} bypasses its sidecar`
      : `${name} has no sidecar`;
    trace.tell?.(stepOf(hasSidecar ? what : `${what}: ${pod.why}`));
    if (sent === 'mtls')
      return breaks('503 UF', sentence(`${what}, and ${sentWhy}: the TLS handshake fails`), sentBy);
    if (sent === 'tls')
      return undetermined(
        sentence(`${sentWhy}, and it is unknown whether ${name} itself serves TLS`),
        `Find out whether ${name} serves TLS on port ${String(port.number)}.`,
        sentBy,
      );
    return works(sentence(what));
  }
  trace.tell?.(stepOf(`${name} has a sidecar: ${pod.why}`));
  const mode = workloadMode(workload, number, trace.state.config);
  if (mode.conflicting.length === 0) return withMode(pod, number, mode, arrival, trace);
  const modes = (['STRICT', 'PERMISSIVE', 'DISABLE'] as const).map((each) =>
    withMode(pod, number, { ...mode, mode: each }, arrival, { ...trace, tell: undefined }),
  );
  const found = either(
    modes,
    `several PeerAuthentications select ${name}, and the oldest one on the cluster decides for ${peer.name}`,
    'Keep one PeerAuthentication per namespace or selector.',
  );
  if (found === undefined) throw new Error('there are three modes');
  return found;
}

function withMode(
  pod: Pod,
  number: number | undefined,
  { mode, by }: ModeInForce,
  arrival: Arrival,
  trace: RequestTrace,
): Verdict {
  const { peer, sent, sentBy, sentWhy, port } = arrival;
  const name = nameOf(pod);
  const deciding = by === undefined ? undefined : { resource: by, path: ['spec', 'mtls', 'mode'] };
  trace.tell?.(
    stepOf(
      by === undefined ? `no PeerAuthentication is in force: ${mode}` : `mTLS at ${name} is ${mode}`,
      deciding,
    ),
  );
  if (mode === 'STRICT' && sent !== 'mtls')
    return breaks(
      'reset',
      sentence(`${name} accepts mTLS only (STRICT), but ${peer.name} sends ${words[sent]}: ${sentWhy}`),
      deciding ?? sentBy,
    );
  if (mode === 'DISABLE' && sent === 'mtls')
    return breaks(
      '503 UF',
      sentence(`${name} does not accept mTLS (DISABLE), but ${sentWhy}`),
      deciding ?? sentBy,
    );
  if (sent === 'tls')
    return undetermined(
      sentence(`${sentWhy}, and it is unknown whether ${name} itself serves TLS`),
      `Find out whether ${name} serves TLS on port ${String(port.number)}.`,
      sentBy,
    );
  return admitted(pod, number, arrival, trace);
}

const words = { plaintext: 'plaintext', tls: 'TLS that is not mesh mTLS', mtls: 'mTLS' } as const;

function admitted(pod: Pod, number: number | undefined, arrival: Arrival, trace: RequestTrace): Verdict {
  const { call } = trace;
  const said = isHttp(arrival.port.protocol);
  const seen = said ?? (call.protocol === undefined ? undefined : call.protocol === 'http');
  if (seen !== undefined) return byPolicies(pod, number, seen, arrival, trace);
  const possible = [true, false].map((http) =>
    byPolicies(pod, number, http, arrival, { ...trace, tell: undefined }),
  );
  const found = either(
    possible,
    `port ${String(arrival.port.number)} of ${arrival.to.namespace}/${arrival.to.name} declares no protocol, and policies treat HTTP and TCP differently`,
    'Name the port after its protocol (http-web, tcp-db), or set its appProtocol.',
  );
  if (found === undefined) throw new Error('there are two possibilities');
  trace.tell?.(stepOf(found.reason));
  return found;
}

function byPolicies(
  pod: Pod,
  port: number | undefined,
  http: boolean,
  arrival: Arrival,
  { call, state, tell }: RequestTrace,
): Verdict {
  const { peer, sent } = arrival;
  const { workload } = pod;
  const identity = sent === 'mtls' ? peer.identity : undefined;
  const { isAllowed, by, why } = authorize(
    workload,
    { identity, port, isHttp: http, path: call.path, method: call.method },
    state.config,
  );
  const who =
    identity === undefined
      ? `${peer.name} has no mesh identity`
      : `${peer.name} calls as ${identity.namespace}/${identity.serviceAccount || '(unknown account)'}`;
  tell?.(stepOf(`${who}, and ${why}`, by));
  if (isAllowed === true) return works(sentence(`${nameOf(pod)} answers: ${why}`));
  if (isAllowed === undefined)
    return undetermined(
      sentence(`${who}, and ${why}`),
      identity?.serviceAccount !== unknownAccount
        ? 'State the path and method of the call, or remove the condition from the policy.'
        : `Find out which service account of ${peer.client.namespace} makes the call.`,
      by,
    );
  return breaks(http ? '403 RBAC' : 'reset', sentence(`${who}, and ${why}`), by);
}

function nameOf({ workload }: Pod): string {
  return `${workload.namespace}/${workload.name}`;
}
