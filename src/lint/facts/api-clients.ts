import { portsListed } from '../../k8s/captured-ports.ts';
import { keyOf } from '../../model/key-of.ts';
import { listAt, stringAt } from '../../model/json.ts';
import { describeResource, type Resource } from '../../model/resource.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import type { Workload } from '../../mesh/workload.ts';

/** A workload that calls the Kubernetes API, and the binding that gives its ServiceAccount permissions there. */
export interface ApiClient {
  readonly workload: Workload;
  readonly binding: Resource;
}

/** Workloads of a namespace whose ServiceAccount has permissions of its own, and whose pods get its token. */
export function apiClientsIn(namespace: string, inventory: Inventory): readonly ApiClient[] {
  const bound = boundAccounts(inventory);
  return inventory.workloadsIn(namespace).flatMap((workload) => {
    const binding = bound.get(keyOf(namespace, workload.serviceAccount));
    return binding === undefined || !getsToken(workload, inventory) ? [] : [{ workload, binding }];
  });
}

/** The first binding of each account, by namespace and name. */
function boundAccounts(inventory: Inventory): ReadonlyMap<string, Resource> {
  return inventory.once(computeBindings);
}

function computeBindings(inventory: Inventory) {
  const found = new Map<string, Resource>();
  for (const binding of [...inventory.of('RoleBinding'), ...inventory.of('ClusterRoleBinding')]) {
    if (isForOthers(stringAt(binding.value, 'roleRef', 'name') ?? '')) continue;
    for (const subject of listAt(binding.value, 'subjects')) {
      if (stringAt(subject, 'kind') !== 'ServiceAccount') continue;
      const account = keyOf(stringAt(subject, 'namespace') ?? binding.namespace, stringAt(subject, 'name'));
      if (!found.has(account)) found.set(account, binding);
    }
  }
  return found;
}

/** Roles for admitting pods or pulling images, which do not let anyone call the API. */
function isForOthers(role: string): boolean {
  return /psp|podsecurity|scc|image-puller/i.test(role);
}

function getsToken(workload: Workload, inventory: Inventory): boolean {
  const { namespace, serviceAccount, podSpec } = workload;
  const account = inventory.find('ServiceAccount', namespace, serviceAccount);
  const said = podSpec.automountServiceAccountToken ?? account?.value.automountServiceAccountToken;
  return said !== false;
}

/** `Deployment shop/web (RoleBinding shop/web grants its ServiceAccount permissions)` */
export function describeApiClient({ workload, binding }: ApiClient): string {
  return `${describeResource(workload.resource)} (${describeResource(binding)} grants its ServiceAccount permissions)`;
}

/** Whether an annotation keeps the sidecar away from calls to the API server. */
export function bypassesSidecar({ annotations }: Workload): boolean {
  const at = (name: string) => annotations[`traffic.sidecar.istio.io/${name}`];
  return (
    portsListed(annotations, 'excludeOutboundPorts').has(443) ||
    at('excludeOutboundIPRanges') !== undefined ||
    at('includeOutboundIPRanges') !== undefined ||
    at('includeOutboundPorts') !== undefined
  );
}
