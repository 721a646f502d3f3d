import { isForAll } from '../../../mesh/egress.ts';
import { selectionsOf } from '../../facts/selection.ts';
import { isAmbient } from '../../../mesh/ambient.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sidecar-in-ambient',
  severity: 'warning',
  kinds: ['Sidecar', 'Namespace'],
  summary: 'a Sidecar for pods in ambient mode',
  why: 'Ambient pods have no sidecar to configure, so the object has no effect: it neither limits nor allows anything, and REGISTRY_ONLY does not apply. Ambient mode has no equivalent.',
  fix: 'Remove the Sidecar.',
  equivalent: ['IST0167'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0167/',
    'https://istio.io/latest/docs/ambient/overview/',
  ],
  *check(inventory) {
    const { selected } = selectionsOf('Sidecar', inventory);
    for (const resource of inventory.of('Sidecar')) {
      const { namespace } = resource;
      const labels = inventory.namespaceLabels(namespace);
      const workload = selected.get(resource);
      const isOfNamespace =
        labels?.['istio.io/dataplane-mode'] === 'ambient' &&
        labels['istio-injection'] !== 'enabled' &&
        labels['istio.io/rev'] === undefined;
      const hasNone = isForAll(resource)
        ? isOfNamespace && namespace !== inventory.settings.rootNamespace
        : workload !== undefined &&
          isAmbient(workload, inventory) &&
          inventory.injectionOf(workload).isInjected !== true;
      if (!hasNone) continue;
      yield {
        resource,
        path: ['metadata', 'name'],
        message: `The pods ${isForAll(resource) ? `in ${namespace}` : 'it selects'} are in ambient mode and have no sidecar, so this Sidecar has no effect.`,
      };
    }
  },
});
