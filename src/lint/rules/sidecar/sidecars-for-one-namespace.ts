import { isForAll } from '../../../mesh/egress.ts';
import { conflictsForAll } from '../../facts/conflicts.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sidecars-for-one-namespace',
  severity: 'error',
  kinds: ['Sidecar'],
  summary: 'several Sidecars without a workload selector in one namespace',
  why: 'Istio does not merge them. One configures every pod in the namespace, and which one is undefined: hosts that only another one lists are blocked, and that can differ between clusters.',
  fix: 'Keep one Sidecar for the namespace, and give the others a `workloadSelector`.',
  equivalent: ['IST0111', 'KIA0002'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0111/',
    'https://istio.io/latest/docs/reference/config/networking/sidecar/',
  ],
  check: (inventory) => conflictsForAll('Sidecar', isForAll, inventory),
});
