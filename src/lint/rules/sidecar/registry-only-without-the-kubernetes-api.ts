import { listAt, valueAt } from '../../../model/json.ts';
import { apiClientsIn, bypassesSidecar, describeApiClient, type ApiClient } from '../../facts/api-clients.ts';
import { egressHosts, isForAll, outboundMode, sidecarFor, takesIn } from '../../../mesh/egress.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { apiServerHost } from '../../../mesh/registry.ts';
import type { Resource } from '../../../model/resource.ts';
import { rule, type Finding } from '../../rule.ts';

export default rule({
  id: 'registry-only-without-the-kubernetes-api',
  severity: 'error',
  kinds: ['Sidecar', 'RoleBinding', 'ClusterRoleBinding', 'ServiceAccount', 'Namespace'],
  summary: 'REGISTRY_ONLY without the Kubernetes API for pods that use it',
  why: 'Under REGISTRY_ONLY, a proxy connects only to what its Sidecar lists. The Kubernetes API is the Service `kubernetes` in the namespace `default`, so `./*` and `istio-system/*` do not include it: leader election, informers and every other API call are reset. The rule assumes that pods use the API if their ServiceAccount has a RoleBinding or ClusterRoleBinding.',
  fix: 'Add `default/kubernetes.default.svc.cluster.local` to the egress hosts.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/sidecar/#OutboundTrafficPolicy-Mode',
    'https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('Sidecar')) {
      const mode = outboundMode(resource) ?? inventory.settings.outboundTrafficPolicy;
      if (mode !== 'REGISTRY_ONLY' || listsTheApi(resource, inventory)) continue;
      const [client] = clientsOf(resource, inventory);
      if (client === undefined) continue;
      const isMeshed = inventory.injectionOf(client.workload).isInjected === true;
      yield {
        resource,
        path: ['spec', 'egress'],
        at: 'key',
        message: `No egress host includes the Kubernetes API, which is used by ${describeApiClient(client)}.`,
        ...(!isMeshed && { severity: 'warning' }),
        ...addition(resource, inventory),
      };
    }
  },
});

function listsTheApi(sidecar: Resource, { settings }: Inventory): boolean {
  const hosts = egressHosts(sidecar);
  if (hosts === undefined) return true;
  const api = { host: apiServerHost(settings.clusterDomain), namespace: 'default', exportTo: [] };
  return hosts.some(
    (each) =>
      !each.isExclusion &&
      (each.port === undefined || each.port === 443) &&
      takesIn(each, sidecar.namespace, api),
  );
}

/** Workloads that this Sidecar configures, and that use the API through it. */
function clientsOf(sidecar: Resource, inventory: Inventory): readonly ApiClient[] {
  const isRoot = sidecar.namespace === inventory.settings.rootNamespace && isForAll(sidecar);
  const namespaces = isRoot
    ? new Set(inventory.workloads.map(({ namespace }) => namespace))
    : [sidecar.namespace];
  return [...namespaces].flatMap((namespace) =>
    apiClientsIn(namespace, inventory).filter(
      ({ workload }) =>
        !bypassesSidecar(workload) &&
        inventory.injectionOf(workload).isInjected !== false &&
        sidecarFor(workload, inventory).sidecar === sidecar,
    ),
  );
}

function addition(sidecar: Resource, { settings }: Inventory): Pick<Finding, 'edits'> {
  const at = listAt(sidecar.spec, 'egress').findIndex((each) => valueAt(each, 'port') === undefined);
  if (listAt(sidecar.spec, 'egress', at, 'hosts').length === 0) return {};
  const value = `default/${apiServerHost(settings.clusterDomain)}`;
  return { edits: [{ op: 'append', path: ['spec', 'egress', at, 'hosts'], value }] };
}
