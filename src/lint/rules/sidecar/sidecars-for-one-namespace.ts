import { isForAll } from '../../../mesh/egress.ts';
import { rivalsForAll } from '../../facts/rivals.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'sidecars-for-one-namespace',
  severity: 'error',
  kinds: ['Sidecar'],
  summary: 'several Sidecars without a workload selector in one namespace',
  why: 'They do not add up. One of them configures every pod of the namespace, and Istio does not promise which: hosts that only another one lists are cut off, on one cluster today and on the next tomorrow.',
  fix: 'Write one Sidecar for the namespace, and give the others a `workloadSelector`.',
  equivalent: ['IST0111', 'KIA0002'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0111/',
    'https://istio.io/latest/docs/reference/config/networking/sidecar/',
  ],
  check: (inventory) => rivalsForAll('Sidecar', isForAll, inventory),
});
