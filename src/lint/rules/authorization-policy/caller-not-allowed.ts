import { knownCalls } from '../../../mesh/known-call.ts';
import { refusedBy } from '../../../mesh/policy-caller.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'caller-not-allowed',
  severity: 'warning',
  kinds: ['AuthorizationPolicy'],
  summary: 'AuthorizationPolicies that deny a known caller',
  why: 'Once an ALLOW policy (a deny-all, for instance) applies to a pod, every caller that no ALLOW policy admits gets 403 `RBAC: access denied`. That includes other workloads in the same namespace, Jobs and scrapers. A call is known if the fleet declares it (then the severity is error), or if the caller’s environment variables or arguments name the Service.',
  fix: 'Add a rule with the caller’s principal.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/concepts/security/#implicit-enablement'],
  *check(inventory) {
    for (const { caller, callee, evidence } of knownCalls(inventory)) {
      const { workload, namespace, name } = callee;
      if (workload !== undefined && inventory.injectionOf(workload).isInjected === false) continue;
      const policy = refusedBy(caller, callee, inventory);
      if (policy === undefined) continue;
      yield {
        ...(evidence ?? { resource: policy, path: ['metadata', 'name'], severity: 'error' }),
        message: `No policy in ${namespace} allows "${caller.shown}" to call ${name}.`,
        ...(caller.serviceAccount !== undefined && {
          fix: `Allow the principal ${inventory.settings.trustDomain}/ns/${caller.namespace}/sa/${caller.serviceAccount}.`,
        }),
      };
    }
  },
});
