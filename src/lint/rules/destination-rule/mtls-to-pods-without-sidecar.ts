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
  summary: 'ISTIO_MUTUAL to pods without a sidecar',
  why: 'With `ISTIO_MUTUAL`, callers send mTLS to every endpoint, and a pod without a sidecar does not understand it: they get a 503 with the response flag UF. Auto mTLS avoids this because it decides for each pod. The rule skips pods whose Namespace was not read.',
  fix: 'Omit `tls` until all pods behind the host have been restarted with a sidecar.',
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
        const more =
          others.length > 0
            ? `, and neither do those of ${String(others.length)} more ${others.length === 1 ? 'workload' : 'workloads'}`
            : '';
        yield {
          resource,
          path: [...path, 'tls', 'mode'],
          message: `The pods of ${describeResource(first.workload.resource)} have no sidecar (${first.why})${more}: callers that send them mTLS get a 503.`,
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
