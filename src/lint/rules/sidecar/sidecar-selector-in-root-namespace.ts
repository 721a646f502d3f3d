import { isForAll } from '../../../mesh/egress.ts';
import { selectionsOf } from '../../facts/selection.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sidecar-selector-in-root-namespace',
  severity: 'warning',
  kinds: ['Sidecar'],
  summary: 'a Sidecar with a workload selector in the root namespace',
  why: 'Without a selector, a Sidecar of the root namespace is the default of the whole mesh. With one, it is for pods of the root namespace only, not for pods of that label everywhere, and those are mostly gateways, which no Sidecar configures.',
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
        message: `The selector is for pods of ${rootNamespace} only, and no workload there that was read has its labels.`,
      };
    }
  },
});
