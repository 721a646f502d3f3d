import { knownCalls } from '../../../mesh/known-call.ts';
import { refusedBy } from '../../../mesh/policy-caller.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'caller-not-allowed',
  severity: 'warning',
  kinds: ['AuthorizationPolicy'],
  summary: 'AuthorizationPolicies that refuse a caller which is known to call',
  why: 'As soon as one ALLOW policy is for a pod, a deny-all for instance, every caller that none of them lets in gets 403 `RBAC: access denied`: other workloads of the same namespace, Jobs, and scrapers too, not strangers alone. A call is known when the fleet declares it (then this is an error), or when the caller’s environment or arguments name the Service.',
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
        message: `No policy of ${namespace} lets "${caller.shown}" call ${name}.`,
        ...(caller.serviceAccount !== undefined && {
          fix: `Allow the principal ${inventory.settings.trustDomain}/ns/${caller.namespace}/sa/${caller.serviceAccount}.`,
        }),
      };
    }
  },
});
