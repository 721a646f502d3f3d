import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { firstLabel, selectionsOf, selectorPaths } from '../../facts/selection.ts';
import { labelsAt } from '../../../k8s/selector.ts';
import { isComplete } from '../../../mesh/coverage.ts';
import { rule } from '../../rule.ts';

const selector = selectorPaths.Sidecar;

export default rule({
  id: 'sidecar-selects-nothing',
  // istioctl calls it an error; pods that come from elsewhere would make that wrong.
  severity: 'warning',
  kinds: ['Sidecar'],
  summary: 'a Sidecar that selects no pods',
  why: 'The Sidecar has no effect, and the pods it was meant for keep the configuration of the namespace or the mesh. The rule compares with pod templates. It skips namespaces whose workloads were not read, or in which a Helm release or an operator may create more.',
  fix: 'Use the labels of a pod template.',
  equivalent: ['IST0101', 'KIA0004'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0101/',
    'https://istio.io/latest/docs/reference/config/networking/sidecar/#WorkloadSelector',
  ],
  *check(inventory) {
    const { selected } = selectionsOf('Sidecar', inventory);
    for (const resource of inventory.of('Sidecar')) {
      const labels = Object.entries(labelsAt(resource.value, ...selector));
      if (labels.length === 0 || labels.some(([, value]) => hasPlaceholder(value))) continue;
      const { namespace } = resource;
      if (selected.has(resource) || inventory.workloadsIn(namespace).length === 0) continue;
      if (!isComplete(namespace, inventory)) continue;
      const text = labels.map(([key, value]) => `${key}=${value}`).join(', ');
      yield {
        resource,
        path: firstLabel(resource, selector),
        message: `No workload read in ${namespace} has ${text}, so this Sidecar has no effect.`,
      };
    }
  },
});
