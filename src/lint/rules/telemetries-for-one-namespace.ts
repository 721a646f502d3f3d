import { describeResource, type Resource } from '../../model/resource.ts';
import { labelsAt } from '../../mesh/selector.ts';
import { groupsOf } from '../../mesh/strangers.ts';
import { rule } from '../rule.ts';

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
  *check(inventory) {
    const namespaces = new Set(inventory.of('Telemetry').map(({ namespace }) => namespace));
    for (const namespace of namespaces) {
      for (const rivals of groupsOf(inventory.inNamespace('Telemetry', namespace).filter(isForAll)))
        for (const resource of rivals) {
          const other = rivals.find((each) => each !== resource);
          if (other === undefined) continue;
          yield {
            resource,
            path: ['metadata', 'name'],
            message: `${describeResource(other)} is for all pods of ${namespace} too, and only one of ${String(rivals.length)} counts.`,
          };
        }
    }
  },
});

/** Objects for a gateway or a service (targetRefs) are not, though istioctl counts them. */
function isForAll({ spec }: Resource): boolean {
  const isTargeted = spec.targetRef !== undefined || spec.targetRefs !== undefined;
  return !isTargeted && Object.keys(labelsAt(spec, 'selector', 'matchLabels')).length === 0;
}
