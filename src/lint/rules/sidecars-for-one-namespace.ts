import { describeResource } from '../../model/resource.ts';
import { isForAll } from '../../mesh/egress.ts';
import { groupsOf } from '../../mesh/strangers.ts';
import { rule } from '../rule.ts';

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
  *check(inventory) {
    const namespaces = new Set(inventory.of('Sidecar').map(({ namespace }) => namespace));
    for (const namespace of namespaces) {
      for (const rivals of groupsOf(inventory.inNamespace('Sidecar', namespace).filter(isForAll)))
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
