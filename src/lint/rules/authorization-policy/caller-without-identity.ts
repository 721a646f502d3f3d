import { knownCalls } from '../../../mesh/known-call.ts';
import { isGuarded, strictnessOf } from '../../../mesh/plaintext.ts';
import { refusedBy } from '../../../mesh/policy-caller.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'caller-without-identity',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'an ALLOW policy by identity that denies a known caller without a sidecar',
  why: 'Istio reads principals, namespaces and service accounts from the client certificate, and a caller without a sidecar has none, even under PERMISSIVE. A policy that names the caller still denies it: 403 `RBAC: access denied`. A call is known if the fleet declares it, or if the caller’s environment variables or arguments name the Service.',
  fix: 'Keep the policy in dry-run (`istio.io/dry-run: "true"`) until the caller has a sidecar.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source',
    'https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/',
  ],
  *check(inventory) {
    for (const { caller, callee, evidence } of knownCalls(inventory)) {
      if (caller.hasSidecar !== false) continue;
      const { workload, port } = callee;
      if (workload !== undefined && evidence !== undefined && !isGuarded(workload, port, inventory)) continue;
      if (strictnessOf(callee, port, inventory) !== undefined) continue;
      const policy = refusedBy('none', callee, inventory);
      // caller-not-allowed reports callers that would be denied with a sidecar too.
      if (policy === undefined || refusedBy(caller, callee, inventory) !== undefined) continue;
      yield {
        ...(evidence ?? { resource: policy, path: ['metadata', 'name'] }),
        message: `"${caller.shown}" has no sidecar, so no policy in ${callee.namespace} allows it to call ${callee.name}.`,
      };
    }
  },
});
