import type { Resource } from '../../../model/resource.ts';
import { labelsAt } from '../../../k8s/selector.ts';
import { conflictsForAll } from '../../facts/conflicts.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'telemetries-for-one-namespace',
  severity: 'error',
  kinds: ['Telemetry'],
  summary: 'several Telemetry objects for all pods in one namespace',
  why: 'A namespace (or the mesh, through the root namespace) can have one Telemetry without a selector. Of several, the oldest takes effect and the others are ignored: one team’s tracing silently turns off another team’s access log.',
  fix: 'Merge them into one object.',
  equivalent: ['IST0160'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0160/',
    'https://istio.io/latest/docs/reference/config/telemetry/',
  ],
  check: (inventory) => conflictsForAll('Telemetry', isForAll, inventory),
});

/** Objects for a gateway or a service (targetRefs) are not, though istioctl counts them. */
function isForAll({ spec }: Resource): boolean {
  const isTargeted = spec.targetRef !== undefined || spec.targetRefs !== undefined;
  return !isTargeted && Object.keys(labelsAt(spec, 'selector', 'matchLabels')).length === 0;
}
