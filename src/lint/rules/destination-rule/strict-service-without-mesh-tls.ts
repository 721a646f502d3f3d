import { objectAt } from '../../../model/json.ts';
import { describeResource, type Resource } from '../../../model/resource.ts';
import { hostOf, isOverridden, reachOf, subsetAt, tlsModeOf } from '../../../mesh/declared-tls.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { namespaceMode, workloadMode, type ModeInForce } from '../../../mesh/peer-authentication.ts';
import { servicesCovered } from '../../../mesh/registry.ts';
import { hasLabels, labelsAt } from '../../../k8s/selector.ts';
import type { Service } from '../../../mesh/service.ts';
import { containerPort, type Workload } from '../../../mesh/workload.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'strict-service-without-mesh-tls',
  severity: 'error',
  kinds: ['DestinationRule', 'PeerAuthentication', 'Service', 'Namespace'],
  summary: 'a DestinationRule that turns off mTLS to pods that require it',
  why: 'The sidecars of the service are STRICT and accept only mesh mTLS, but this DestinationRule makes callers send plaintext (DISABLE) or TLS with other certificates (SIMPLE, MUTUAL). The connection is reset, and callers see a 503. The check skips pods whose Namespace or PeerAuthentication was not read.',
  fix: 'Remove `tls`, or set `mode: ISTIO_MUTUAL`; or make the port of that workload PERMISSIVE.',
  equivalent: ['KIA0207', 'KIA0208'],
  see: [
    'https://kiali.io/docs/features/validations/',
    'https://istio.io/latest/docs/reference/config/security/peer_authentication/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule')) {
      const host = hostOf(resource, inventory);
      for (const { path, policy, port } of trafficPolicies(resource)) {
        const mode = tlsModeOf(policy);
        if (mode !== 'DISABLE' && mode !== 'SIMPLE' && mode !== 'MUTUAL') continue;
        // tls-without-mode reports a block without a mode.
        if (objectAt(policy, 'tls').mode === undefined) continue;
        const labels = labelsAt(subsetAt(resource, path), 'labels');
        const found = strictMesh(host, inventory) ?? strictAt(host, labels, port, inventory);
        if (found === undefined) continue;
        yield {
          resource,
          path: [...path, 'tls', 'mode'],
          message: `${describeResource(found.by)} requires mTLS for ${found.whom}, but this DestinationRule sends ${mode === 'DISABLE' ? 'plaintext' : `TLS with mode ${mode}`}.`,
        };
      }
    }
  },
});

interface Strict {
  readonly by: Resource;
  readonly whom: string;
}

function strictMesh(host: string, inventory: Inventory): Strict | undefined {
  const { clusterDomain, rootNamespace } = inventory.settings;
  if (reachOf(host, clusterDomain) !== 'mesh') return undefined;
  const { mode, by, conflicting } = namespaceMode(rootNamespace, inventory);
  return mode === 'STRICT' && by !== undefined && conflicting.length === 0
    ? { by, whom: 'the mesh' }
    : undefined;
}

function strictAt(
  host: string,
  labels: Readonly<Record<string, string>>,
  port: number | undefined,
  inventory: Inventory,
): Strict | undefined {
  for (const service of servicesCovered(host, inventory)) {
    if (isOverridden(host, service.host, inventory)) continue;
    for (const workload of inventory.workloadsOf(service)) {
      if (!hasLabels(workload.labels, labels) || !isCaptured(workload, inventory)) continue;
      const { mode, by, conflicting } = modeAt(workload, service, port, inventory);
      if (mode !== 'STRICT' || by === undefined || conflicting.length > 0) continue;
      return { by, whom: describeResource(workload.resource) };
    }
  }
  return undefined;
}

/** Whether a sidecar answers at every port of a workload. */
function isCaptured(workload: Workload, inventory: Inventory): boolean {
  const { annotations } = workload;
  return (
    inventory.injectionOf(workload).isInjected === true &&
    annotations['traffic.sidecar.istio.io/excludeInboundPorts'] === undefined &&
    annotations['traffic.sidecar.istio.io/includeInboundPorts'] === undefined
  );
}

/** The mode at the ports of a service that a policy is for; that of the last one when any of them is not STRICT. */
function modeAt(
  workload: Workload,
  service: Service,
  port: number | undefined,
  inventory: Inventory,
): ModeInForce {
  const ports = service.ports.filter(({ number }) => port === undefined || number === port);
  const modes = ports.map(({ targetPort }) =>
    workloadMode(workload, containerPort(workload, targetPort), inventory),
  );
  return (
    modes.find(({ mode }) => mode !== 'STRICT') ?? modes[0] ?? workloadMode(workload, undefined, inventory)
  );
}
