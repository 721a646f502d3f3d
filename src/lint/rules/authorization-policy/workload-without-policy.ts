import { hasTargetRefs } from '../../../mesh/policy-rule.ts';
import { servicesOf } from '../../../mesh/served-port.ts';
import { workloadsUnder } from '../../../mesh/policy-scope.ts';
import type { Workload } from '../../../mesh/workload.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'workload-without-policy',
  severity: 'info',
  kinds: ['AuthorizationPolicy', 'Deployment', 'StatefulSet', 'DaemonSet', 'Rollout'],
  summary: 'a workload that none of its namespace’s AuthorizationPolicies is for',
  why: 'Policies with a selector protect what they select; everything else of the namespace still lets everybody in. That is easily overlooked when a workload is added later. Only workloads with a sidecar and a Service are told, in namespaces that have policies.',
  fix: 'Add a policy without a selector and without rules (`spec: {}`), which refuses what no other policy allows, or one for the workload.',
  equivalent: ['KIA1301'],
  see: [
    'https://istio.io/latest/docs/ops/best-practices/security/',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    const covered = new Set<Workload>();
    for (const policy of inventory.of('AuthorizationPolicy')) {
      // Whom a reference is for is not told by labels.
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
          message: `Everybody may call ${workload.name}: the policies of ${namespace} are for other workloads.`,
        };
      }
  },
});
