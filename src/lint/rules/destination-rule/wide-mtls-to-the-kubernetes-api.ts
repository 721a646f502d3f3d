import { apiClientsIn, bypassesSidecar, describeApiClient } from '../../facts/api-clients.ts';
import { hostOf, isOverridden, reachOf, topTlsMode } from '../../../mesh/declared-tls.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { apiServerHost } from '../../../mesh/registry.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'wide-mtls-to-the-kubernetes-api',
  severity: 'warning',
  kinds: ['DestinationRule', 'RoleBinding', 'ClusterRoleBinding', 'ServiceAccount'],
  summary: 'a mesh-wide DestinationRule with ISTIO_MUTUAL that includes the Kubernetes API',
  why: '`*.local` also matches `kubernetes.default.svc.cluster.local`, and the API server has no sidecar: operators, controllers and all other pods that use the API fail with TLS errors once they are in the mesh. The severity is error if a workload with a sidecar runs as a ServiceAccount with RBAC permissions.',
  fix: 'Add a DestinationRule for `kubernetes.default.svc.cluster.local` without `tls`, or with DISABLE: the more specific host wins.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/',
    'https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/',
  ],
  *check(inventory) {
    const { rootNamespace, clusterDomain } = inventory.settings;
    for (const resource of inventory.of('DestinationRule')) {
      const host = hostOf(resource, inventory);
      if (resource.namespace !== rootNamespace || topTlsMode(resource) !== 'ISTIO_MUTUAL') continue;
      if (reachOf(host, clusterDomain) !== 'mesh') continue;
      if (isOverridden(host, apiServerHost(clusterDomain), inventory)) continue;
      const client = inventory.once(clientOf);
      yield {
        resource,
        path: ['spec', 'host'],
        message: `The wildcard ${host} includes the Kubernetes API, which does not accept mesh mTLS${client === undefined ? '' : ` and is used by ${client}`}.`,
        ...(client !== undefined && { severity: 'error' }),
      };
    }
  },
});

/** A workload with a sidecar that uses the API. */
function clientOf(inventory: Inventory): string | undefined {
  const namespaces = new Set(inventory.workloads.map(({ namespace }) => namespace));
  for (const namespace of namespaces)
    for (const client of apiClientsIn(namespace, inventory))
      if (inventory.injectionOf(client.workload).isInjected === true && !bypassesSidecar(client.workload))
        return describeApiClient(client);
  return undefined;
}
