import { describeResource } from '../../../model/resource.ts';
import {
  hostOf,
  isOverridden,
  subsetAt,
  tlsModeOf,
  unmeshedBehind,
  type Unmeshed,
} from '../../../mesh/declared-tls.ts';
import { trafficPolicies } from '../../../mesh/destination-rule.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { servicesCovered } from '../../../mesh/registry.ts';
import { labelsAt } from '../../../k8s/selector.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'mtls-to-pods-without-sidecar',
  severity: 'error',
  kinds: ['DestinationRule', 'Service', 'Namespace'],
  summary: 'ISTIO_MUTUAL towards pods that have no sidecar',
  why: '`ISTIO_MUTUAL` is sent to every endpoint, sidecar or not, and a pod without one does not understand it: callers get 503 with the flag UF. Auto mTLS exists for this case; it looks at each pod. Pods whose Namespace was not read are left alone.',
  fix: 'Leave `tls` out until all pods behind the host have a sidecar and were restarted.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls',
    'https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule')) {
      const host = hostOf(resource, inventory);
      for (const { path, policy } of trafficPolicies(resource)) {
        if (tlsModeOf(policy) !== 'ISTIO_MUTUAL') continue;
        const labels = labelsAt(subsetAt(resource, path), 'labels');
        const found = unmeshedAt(host, labels, inventory);
        const [first, ...others] = found;
        if (first === undefined) continue;
        const more = others.length > 0 ? `, nor have those of ${String(others.length)} more` : '';
        yield {
          resource,
          path: [...path, 'tls', 'mode'],
          message: `The pods of ${describeResource(first.workload.resource)} have no sidecar (${first.why})${more}, and answer the mTLS this rule sends with a 503.`,
        };
      }
    }
  },
});

function unmeshedAt(
  host: string,
  labels: Readonly<Record<string, string>>,
  inventory: Inventory,
): readonly Unmeshed[] {
  const found = servicesCovered(host, inventory)
    .filter((service) => !isOverridden(host, service.host, inventory))
    .flatMap((service) => unmeshedBehind(service, inventory, labels));
  return [...new Map(found.map((each) => [each.workload, each])).values()];
}
