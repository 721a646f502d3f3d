import type { Inventory } from './inventory.ts';
import type { Workload } from './workload.ts';

/** Whether a ztunnel serves the pods of a workload instead of a sidecar.
 *  @see https://istio.io/latest/docs/ambient/usage/add-workloads/ */
export function isAmbient(workload: Workload, inventory: Inventory): boolean {
  const said =
    workload.labels['istio.io/dataplane-mode'] ??
    inventory.namespaceLabels(workload.namespace)?.['istio.io/dataplane-mode'];
  return said === 'ambient';
}
