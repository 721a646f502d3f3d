import { serviceHost } from '../k8s/host.ts';
import { hasPlaceholder } from '../mesh/placeholder.ts';
import type { Call, CallReport, Decision, Verdict } from '../model/traffic.ts';
import { peersOf } from './callers.ts';
import type { Peer, RequestTrace, SettledPeer } from './trace.ts';
import { leave } from './leave.ts';
import type { State } from './states.ts';
import { throughGateway } from './through-gateway.ts';
import { toAddress } from './to-address.ts';
import { either, stepOf, together, undetermined } from './verdicts.ts';

/** What the data plane does to each call in each state. Pure, and linear in calls.
 *  @see https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/ */
export function simulate(calls: readonly Call[], states: readonly State[]): readonly CallReport[] {
  return calls.map((call) => ({
    call,
    states: Object.fromEntries(states.map((state) => [state.name, verdictOf(call, state)])),
  }));
}

/** What the data plane does to one call in one state.
 *  @param tell  told each decision on the way, in order */
export function verdictOf(call: Call, state: State, tell?: (step: Decision) => void): Verdict {
  const trace: RequestTrace = { call, state, tell };
  const variable = [call.host, call.to.kind === 'host' ? call.to.host : undefined].find(
    (host) => host !== undefined && hasPlaceholder(host),
  );
  if (variable !== undefined)
    return undetermined(
      `The host ${variable} holds a variable whose value is not in Git.`,
      'Declare the host in fleet.yaml, or give the variable a value in the repository.',
    );
  if (call.from.kind === 'gateway' && call.host !== undefined) return throughGateway(call.host, trace);
  const peers = call.from.kind === 'gateway' ? [] : peersOf(call.from, state, call.isFromInit);
  const verdicts = peers.map((peer) => from(peer, trace));
  const isAnyone = call.from.kind === 'account' && call.from.serviceAccount === undefined;
  const found = isAnyone
    ? either(
        verdicts,
        `it is unknown which workload of ${call.from.namespace} makes the call`,
        'Declare the call at the service that makes it.',
      )
    : together(verdicts);
  return (
    found ?? {
      verdict: 'undetermined',
      reason: 'It is unknown which host clients request from the gateway.',
      settle: 'Declare the host under hosts of the service in fleet.yaml.',
    }
  );
}

function from(peer: Peer, trace: RequestTrace): Verdict {
  const { to } = trace.call;
  const { clusterDomain } = trace.state.config.settings;
  const sent = (settled: SettledPeer, tell: RequestTrace['tell']) =>
    to.kind === 'workload'
      ? toAddress(settled, to, { ...trace, tell })
      : leave(settled, host, to.port, { ...trace, tell });
  const host = to.kind === 'host' ? to.host : serviceHost(to.name, to.namespace, clusterDomain);
  if (peer.hasSidecar !== undefined) return sent({ ...peer, hasSidecar: peer.hasSidecar }, trace.tell);
  const possible = [true, false].map((hasSidecar) => sent({ ...peer, hasSidecar }, undefined));
  const { namespace } = peer.client;
  const found = either(
    possible,
    `it is unknown whether ${peer.name} has a sidecar: ${peer.why}`,
    namespace === ''
      ? `Read the repository that installs ${peer.name}, or declare it.`
      : `Also read the repository of ${namespace} with its Namespace, and the manifests of the control plane.`,
  );
  if (found === undefined) throw new Error('there are two possibilities');
  trace.tell?.(stepOf(found.reason));
  return found;
}
