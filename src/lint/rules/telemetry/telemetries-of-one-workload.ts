import { describeResource } from '../../../model/resource.ts';
import { selectionsOf } from '../../facts/selection.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'telemetries-of-one-workload',
  severity: 'error',
  kinds: ['Telemetry'],
  summary: 'two Telemetry objects whose selectors choose the same pods',
  why: 'A pod has one Telemetry of its own; which of the two it is is undefined, so the metrics, spans or logs that only the other one asks for may be missing.',
  fix: 'Put both into one object, or make the selectors exclude each other.',
  equivalent: ['IST0159'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0159/',
    'https://istio.io/latest/docs/reference/config/telemetry/',
  ],
  *check(inventory) {
    const { contested } = selectionsOf('Telemetry', inventory);
    for (const [resource, { workload, rivals }] of contested) {
      const other = rivals.find((each) => each !== resource) ?? resource;
      yield {
        resource,
        path: ['metadata', 'name'],
        message: `${describeResource(other)} selects the pods of ${describeResource(workload.resource)} too, and only one of them counts.`,
      };
    }
  },
});
