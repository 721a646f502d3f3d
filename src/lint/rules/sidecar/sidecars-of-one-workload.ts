import { describeResource } from '../../../model/resource.ts';
import { selectionsOf } from '../../facts/selection.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sidecars-of-one-workload',
  severity: 'error',
  kinds: ['Sidecar'],
  summary: 'two Sidecars whose selectors choose the same pods',
  why: 'A pod is configured by one Sidecar. Which of the two it is is undefined, so hosts that only the other one lists are cut off.',
  fix: 'Make the selectors exclude each other, or put both into one Sidecar.',
  equivalent: ['IST0110', 'KIA0003'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0110/',
    'https://istio.io/latest/docs/reference/config/networking/sidecar/',
  ],
  *check(inventory) {
    const { contested } = selectionsOf('Sidecar', inventory);
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
