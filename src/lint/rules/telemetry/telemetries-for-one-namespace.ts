import type { Resource } from '../../../model/resource.ts';
import { labelsAt } from '../../../k8s/selector.ts';
import { rivalsForAll } from '../../facts/rivals.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'telemetries-for-one-namespace',
  severity: 'error',
  kinds: ['Telemetry'],
  summary: 'several Telemetry objects for all pods of one namespace',
  why: 'A namespace, and with the root namespace the mesh, has one Telemetry without a selector. Of several, the oldest counts and the others are ignored: the tracing of one team silently switches off the access log of another.',
  fix: 'Put them into one object.',
  equivalent: ['IST0160'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0160/',
    'https://istio.io/latest/docs/reference/config/telemetry/',
  ],
  check: (inventory) => rivalsForAll('Telemetry', isForAll, inventory),
});

/** Objects for a gateway or a service (targetRefs) are not, though istioctl counts them. */
function isForAll({ spec }: Resource): boolean {
  const isTargeted = spec.targetRef !== undefined || spec.targetRefs !== undefined;
  return !isTargeted && Object.keys(labelsAt(spec, 'selector', 'matchLabels')).length === 0;
}
