import { unknownAccount } from '../k8s/principal.ts';
import { hasNativeSidecar } from '../mesh/native-sidecar.ts';
import type { Caller } from '../model/traffic.ts';
import type { Peer } from './trace.ts';
import type { Pod } from './pods.ts';
import type { State } from './states.ts';

/** Who makes the calls of a caller: one for each kind of its pods. Nothing read of it leaves one of whom little is known.
 *  Clients of the gateway are not asked for here.
 *  @param isFromInit  whether its init containers do */
export function peersOf(
  caller: Exclude<Caller, { readonly kind: 'gateway' }>,
  state: State,
  isFromInit = false,
): readonly Peer[] {
  if (caller.kind === 'outside') return [outsideCaller];
  if (caller.kind === 'proxy') return [proxyOf(caller)];
  if (caller.kind === 'unknown') return [unread(caller.name)];
  const pods = podsOfCaller(caller, state);
  if (pods.length > 0) return pods.map((pod) => (isFromInit ? initPeerOf(pod, state) : peerOf(pod)));
  const { namespace } = caller;
  const account = caller.kind === 'account' ? caller.serviceAccount : undefined;
  return [
    {
      name: caller.kind === 'workload' ? `${namespace}/${caller.name}` : `${namespace}/${account ?? '*'}`,
      client: { namespace, labels: {}, isGateway: false },
      hasSidecar: undefined,
      why: `no pods of ${caller.kind === 'workload' ? `${namespace}/${caller.name}` : namespace} were read`,
      // An account that nobody names is none of those that policies name.
      identity: { namespace, serviceAccount: account ?? unknownAccount },
      annotations: {},
    },
  ];
}

/** Istio's injector and its gateway controller make such pods whole: nothing about them is open. */
function proxyOf({ namespace, name, serviceAccount }: Extract<Caller, { readonly kind: 'proxy' }>): Peer {
  return {
    name: `${namespace}/${name}`,
    client: { namespace, labels: {}, isGateway: true },
    hasSidecar: true,
    why: 'it is a proxy',
    identity: { namespace, serviceAccount },
    annotations: {},
  };
}

function unread(name: string): Peer {
  return {
    name,
    client: { namespace: '', labels: {}, isGateway: false },
    hasSidecar: undefined,
    why: `${name} was not read`,
    identity: { namespace: '', serviceAccount: unknownAccount },
    annotations: {},
  };
}

function podsOfCaller(
  caller: Extract<Caller, { readonly kind: 'workload' | 'account' }>,
  { config, pods }: State,
): readonly Pod[] {
  const all = pods.in(caller.namespace);
  if (caller.kind === 'account')
    return caller.serviceAccount === undefined
      ? all
      : all.filter(({ workload }) => workload.serviceAccount === caller.serviceAccount);
  const service = config
    .servicesIn(caller.namespace)
    .find(({ name, selector }) => name === caller.name && selector !== undefined);
  const behind = service === undefined ? [] : pods.of(service);
  return behind.length > 0 ? behind : all.filter(({ workload }) => workload.name === caller.name);
}

function peerOf({ workload, hasSidecar, why }: Pod): Peer {
  const { namespace, labels, serviceAccount, annotations, name } = workload;
  return {
    name: `${namespace}/${name}`,
    client: { namespace, labels, isGateway: false },
    hasSidecar,
    why,
    identity: { namespace, serviceAccount },
    annotations,
  };
}

/** An init container of a pod: the kubelet starts it before the sidecar, unless that is a native one.
 *  @see https://istio.io/latest/blog/2023/native-sidecars/ */
function initPeerOf(pod: Pod, { config }: State): Peer {
  const peer = peerOf(pod);
  const isNative = hasNativeSidecar(pod.workload, config);
  if (peer.hasSidecar === false || isNative === true) return peer;
  const why =
    isNative === false
      ? 'its init containers run before its sidecar'
      : 'whether its sidecar is a native one, which runs before init containers, Git does not show';
  return { ...peer, hasSidecar: isNative, why };
}

const outsideCaller: Peer = {
  name: 'a caller outside the mesh',
  client: { namespace: '', labels: {}, isGateway: false },
  hasSidecar: false,
  why: 'it is outside the mesh',
  identity: undefined,
  annotations: {},
};
