import { describeResource } from '../../../model/resource.ts';
import { selectionsOf } from '../../facts/selection.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'telemetries-of-one-workload',
  severity: 'error',
  kinds: ['Telemetry'],
  summary: 'two Telemetry objects that select the same pods',
  why: 'Only one Telemetry with a selector applies to a pod. Which of the two is undefined, so metrics, spans or logs that only the other one configures may be missing.',
  fix: 'Merge the two, or change the selectors so that they don’t overlap.',
  equivalent: ['IST0159'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0159/',
    'https://istio.io/latest/docs/reference/config/telemetry/',
  ],
  *check(inventory) {
    const { contested } = selectionsOf('Telemetry', inventory);
    for (const [resource, { workload, conflicting }] of contested) {
      const other = conflicting.find((each) => each !== resource) ?? resource;
      yield {
        resource,
        path: ['metadata', 'name'],
        message: `${describeResource(other)} also selects the pods of ${describeResource(workload.resource)}, and only one of them takes effect.`,
      };
    }
  },
});
