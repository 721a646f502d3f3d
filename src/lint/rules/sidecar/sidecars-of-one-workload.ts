import { describeResource } from '../../../model/resource.ts';
import { selectionsOf } from '../../facts/selection.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sidecars-of-one-workload',
  severity: 'error',
  kinds: ['Sidecar'],
  summary: 'two Sidecars that select the same pods',
  why: 'Only one Sidecar configures a pod. Which of the two is undefined, so hosts that only the other one lists are blocked.',
  fix: 'Change the selectors so that they don’t overlap, or merge the two Sidecars.',
  equivalent: ['IST0110', 'KIA0003'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0110/',
    'https://istio.io/latest/docs/reference/config/networking/sidecar/',
  ],
  *check(inventory) {
    const { contested } = selectionsOf('Sidecar', inventory);
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
