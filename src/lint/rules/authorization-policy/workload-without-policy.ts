import { hasTargetRefs } from '../../../mesh/policy-rule.ts';
import { servicesOf } from '../../../mesh/served-port.ts';
import { workloadsUnder } from '../../../mesh/policy-scope.ts';
import type { Workload } from '../../../mesh/workload.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'workload-without-policy',
  severity: 'info',
  kinds: ['AuthorizationPolicy', 'Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'],
  summary: 'a workload that no AuthorizationPolicy in its namespace selects',
  why: 'Policies with a selector protect only what they select; every other workload in the namespace still accepts every caller. That is easy to miss when a workload is added later. The rule reports only workloads with a sidecar and a Service, in namespaces with policies.',
  fix: 'Add a policy without selector and rules (`spec: {}`), which denies whatever no other policy allows, or a policy for this workload.',
  equivalent: ['KIA1301'],
  see: [
    'https://istio.io/latest/docs/ops/best-practices/security/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    const covered = new Set<Workload>();
    for (const policy of inventory.of('AuthorizationPolicy')) {
      // A policy with targetRefs does not select by labels.
      if (hasTargetRefs(policy))
        for (const each of inventory.workloadsIn(policy.namespace)) covered.add(each);
      for (const workload of workloadsUnder(policy, inventory)) covered.add(workload);
    }
    const namespaces = new Set(inventory.of('AuthorizationPolicy').map(({ namespace }) => namespace));
    for (const namespace of namespaces)
      for (const workload of inventory.workloadsIn(namespace)) {
        if (covered.has(workload) || workload.isJob || servicesOf(workload, inventory).length === 0) continue;
        if (inventory.injectionOf(workload).isInjected !== true) continue;
        yield {
          resource: workload.resource,
          path: ['metadata', 'name'],
          message: `Anyone may call ${workload.name}: no policy read for ${namespace} selects it.`,
        };
      }
  },
});
