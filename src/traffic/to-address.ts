import { outboundOf } from '../mesh/imports.ts';
import { servedPorts } from '../mesh/served-port.ts';
import type { ServicePort } from '../mesh/service.ts';
import { standInPod } from '../mesh/stand-ins.ts';
import type { Callee, Verdict } from '../model/traffic.ts';
import { podOf, type Pod } from './pods.ts';
import { arriveAt } from './server.ts';
import type { RequestTrace, SettledPeer } from './trace.ts';
import { breaks, sentence, stepOf, together, undetermined } from './verdicts.ts';

type PodsCalled = Extract<Callee, { readonly kind: 'workload' }>;

/** The verdict on a call to pods by their addresses, past every Service: a sidecar of the sender passes it on in plaintext,
 *  or refuses what no registry has. Proxies that route to such pods know them as endpoints, and send mTLS to a sidecar.
 *  @see https://istio.io/latest/docs/ops/configuration/traffic-management/traffic-routing/#unmatched-traffic */
export function toAddress(peer: SettledPeer, to: PodsCalled, trace: RequestTrace): Verdict {
  const { config } = trace.state;
  const name = `${to.namespace}/${to.name}`;
  const asEndpoint = peer.client.isGateway || (peer.hasSidecar && to.pods !== undefined);
  if (peer.hasSidecar && !asEndpoint) {
    const { mode, modeBy, sidecar } = outboundOf(peer.client, config);
    const by = sidecar === undefined ? modeBy : { resource: sidecar, path: ['spec', 'egress'] };
    const why = `${peer.name} calls the pods of ${name} by their addresses, which its sidecar does not know`;
    trace.tell?.(stepOf(`${why}, and the policy for such addresses is ${mode}`, by));
    if (mode === 'REGISTRY_ONLY')
      return breaks('reset', sentence(`${why}, and REGISTRY_ONLY refuses them`), by);
  }
  const found = together(
    podsAt(to, trace).map((pod) => {
      const sent = asEndpoint && pod.takesMtls === true ? 'mtls' : 'plaintext';
      const sentWhy = asEndpoint
        ? `it sends mTLS to endpoints with a sidecar`
        : `${peer.name} calls the pods by their addresses`;
      const port = portOf(pod, to.port, trace);
      return arriveAt(
        pod,
        { peer, to: { namespace: to.namespace, name: to.name }, port, sent, sentBy: undefined, sentWhy },
        trace,
      );
    }),
  );
  return (
    found ??
    undetermined(`No pods of ${name} were read.`, 'Read the rendered manifests that create its pods.')
  );
}

/** The pods of a workload at this moment; those that a controller makes are always new. */
function podsAt(to: PodsCalled, { state: { config, pods } }: RequestTrace): readonly Pod[] {
  if (to.pods === undefined) return pods.in(to.namespace).filter(({ workload }) => workload.name === to.name);
  return [podOf(standInPod(to.namespace, to.name, to.pods), config)];
}

/** What Istio takes a container's port for: what the Service says that leads there; else it looks at the bytes. */
function portOf({ workload }: Pod, number: number, { state: { config } }: RequestTrace): ServicePort {
  const served = servedPorts(workload, config).find((each) => each.number === number);
  if (served !== undefined) return { ...served.port, targetPort: number };
  return {
    path: ['spec'],
    name: undefined,
    number,
    targetPort: number,
    appProtocol: undefined,
    transport: 'TCP',
    protocol: 'sniffed',
  };
}
