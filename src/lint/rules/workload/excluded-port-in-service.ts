import { portsListed } from '../../../k8s/captured-ports.ts';
import { isMeshed } from '../../facts/mesh-use.ts';
import { apiServerCalls } from '../../../mesh/api-server-calls.ts';
import { keyOf } from '../../../model/key-of.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import { expandHost, covers } from '../../../k8s/host.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import type { Service } from '../../../mesh/service.ts';
import { containerPort } from '../../../mesh/workload.ts';
import { stringAt } from '../../../model/json.ts';
import { servicesOf } from '../../../mesh/served-port.ts';
import { rule } from '../../rule.ts';

const annotation = 'traffic.sidecar.istio.io/excludeInboundPorts';

export default rule({
  id: 'excluded-port-in-service',
  severity: 'warning',
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Pod', 'Rollout', 'ReplicaSet'],
  summary: 'a Service port that the sidecar does not capture',
  why: 'Callers in the mesh see that the pod has a sidecar and send mTLS, but on an excluded port the application itself receives it and does not understand it: callers get a 503 (UF) or a protocol error. Callers outside the mesh are not affected. Auto mTLS does not take excluded ports into account. A port that the Kubernetes API server calls (a webhook) is left out: there the annotation is right.',
  fix: 'Remove the port from the annotation, or add a DestinationRule for the Service with `tls.mode: DISABLE` for this port.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/reference/config/annotations/',
    'https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/',
  ],
  *check(inventory) {
    const forApiServer = inventory.once(portsOfApiServer);
    for (const workload of inventory.workloads) {
      const { annotations, resource, templatePath } = workload;
      const excluded = portsListed(annotations, 'excludeInboundPorts');
      if (excluded.size === 0 || !isMeshed(inventory, workload)) continue;
      for (const service of servicesOf(workload, inventory)) {
        const port = service.ports.find(({ number, targetPort, transport }) => {
          if (forApiServer.has(keyOf(service.namespace, service.name, String(number)))) return false;
          const inPod = containerPort(workload, targetPort);
          return transport === 'TCP' && inPod !== undefined && excluded.has(inPod);
        });
        if (port === undefined || saysItsTls(service, inventory)) continue;
        yield {
          resource,
          path: [...templatePath, 'metadata', 'annotations', annotation],
          message: `Port ${String(port.number)} of Service ${service.name} leads to a port that the sidecar does not capture, but callers in the mesh send mTLS to it.`,
        };
      }
    }
  },
});

/** Ports of Services that the Kubernetes API server calls, without a certificate of the mesh. */
function portsOfApiServer(inventory: Inventory): ReadonlySet<string> {
  return new Set(
    [...apiServerCalls(inventory)].map(({ namespace, name, port }) => keyOf(namespace, name, String(port))),
  );
}

/** Whether some DestinationRule sets the TLS mode for it. */
function saysItsTls({ host, namespace }: Service, inventory: Inventory): boolean {
  const said = inventory.once(hostsWithTls);
  const { rootNamespace } = inventory.settings;
  return (
    said.exact.has(host) ||
    said.wildcards.some(
      (each) => (each.namespace === namespace || each.namespace === rootNamespace) && covers(each.host, host),
    )
  );
}

interface HostsWithTls {
  readonly exact: ReadonlySet<string>;
  readonly wildcards: readonly { readonly namespace: string; readonly host: string }[];
}

/** Hosts that are called in another way than with the mesh's own certificates. */
function hostsWithTls(inventory: Inventory): HostsWithTls {
  const hosts = inventory.of('DestinationRule').flatMap((resource) => {
    const isOther = [...trafficPolicies(resource)].some(({ policy }) => {
      const mode = stringAt(policy, 'tls', 'mode');
      return mode !== undefined && mode !== 'ISTIO_MUTUAL';
    });
    if (!isOther) return [];
    const { namespace, spec } = resource;
    const host = expandHost(stringAt(spec, 'host') ?? '', namespace, inventory.settings.clusterDomain);
    return [{ namespace, host }];
  });
  return {
    exact: new Set(hosts.map(({ host }) => host)),
    wildcards: hosts.filter(({ host }) => host.startsWith('*')),
  };
}
