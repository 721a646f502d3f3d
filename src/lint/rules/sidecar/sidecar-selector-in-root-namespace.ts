import { isForAll } from '../../../mesh/egress.ts';
import { selectionsOf } from '../../facts/selection.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sidecar-selector-in-root-namespace',
  severity: 'warning',
  kinds: ['Sidecar'],
  summary: 'a Sidecar with a workload selector in the root namespace',
  why: 'Without a selector, a Sidecar in the root namespace is the default for the whole mesh. With one, it applies only to pods in the root namespace, not to pods with that label everywhere. Pods in the root namespace are mostly gateways, which no Sidecar configures.',
  fix: 'Remove the selector for a mesh-wide default, or move the Sidecar to the namespace of the pods.',
  equivalent: ['KIA1006'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/sidecar/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    const { rootNamespace } = inventory.settings;
    const { selected } = selectionsOf('Sidecar', inventory);
    for (const resource of inventory.inNamespace('Sidecar', rootNamespace)) {
      if (isForAll(resource) || selected.has(resource)) continue;
      yield {
        resource,
        path: ['spec', 'workloadSelector'],
        at: 'key',
        message: `The selector applies only to pods in ${rootNamespace}, and no workload read there has its labels.`,
      };
    }
  },
});
