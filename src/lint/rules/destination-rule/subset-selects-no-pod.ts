import { listAt, stringAt } from '../../../model/json.ts';
import { hostOf } from '../../../mesh/declared-tls.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { hasLabels, labelsAt } from '../../../k8s/selector.ts';
import { isRouted } from '../../facts/subsets.ts';
import { isComplete } from '../../../mesh/coverage.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'subset-selects-no-pod',
  severity: 'warning',
  kinds: ['DestinationRule', 'Service', 'VirtualService'],
  summary: 'a subset whose labels match no pod of the service',
  why: 'A subset without pods becomes an Envoy cluster without endpoints: a route to it returns a 503 with the response flag UH, and nothing reports it before the first request. The severity is error if a VirtualService routes to it. The rule compares with pod templates. It skips Services without a selector or whose pods were not read, and labels that are only set on a running cluster.',
  fix: 'Use the labels of a pod template, or remove the subset.',
  equivalent: ['IST0173', 'KIA0203'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0173/',
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset',
  ],
  *check(inventory) {
    for (const resource of inventory.of('DestinationRule')) {
      const host = hostOf(resource, inventory);
      const service = inventory.serviceAt(host);
      if (service?.selector === undefined || !isComplete(service.namespace, inventory)) continue;
      const workloads = inventory.workloadsOf(service);
      if (workloads.length === 0) continue;
      for (const [index, subset] of listAt(resource.spec, 'subsets').entries()) {
        const labels = labelsAt(subset, 'labels');
        if (Object.entries(labels).some(([key, value]) => isOfCluster(key) || hasPlaceholder(value)))
          continue;
        if (workloads.some((each) => hasLabels(each.labels, labels))) continue;
        const name = stringAt(subset, 'name') ?? '';
        const hasRoutes = isRouted(host, name, inventory);
        yield {
          resource,
          path: ['spec', 'subsets', index, 'labels'],
          message: `No pod read for Service ${service.namespace}/${service.name} has ${described(labels)}, so subset "${name}" is empty${hasRoutes ? ' and routes to it return a 503' : ''}.`,
          ...(hasRoutes && { severity: 'error' }),
        };
      }
    }
  },
});

function described(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}

/** Labels that the cluster, Istio or a controller puts on pods. */
function isOfCluster(key: string): boolean {
  return (
    /^(topology\.|kubernetes\.io\/|failure-domain\.|statefulset\.kubernetes\.io\/|apps\.kubernetes\.io\/|security\.istio\.io\/|service\.istio\.io\/)/.test(
      key,
    ) || /^(rollouts-pod-template-hash|pod-template-hash|controller-revision-hash|role)$/.test(key)
  );
}
