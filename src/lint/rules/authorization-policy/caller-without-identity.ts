import { knownCalls } from '../../../mesh/known-call.ts';
import { isGuarded, strictnessOf } from '../../../mesh/plaintext.ts';
import { refusedBy } from '../../../mesh/policy-caller.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'caller-without-identity',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'an ALLOW by identity that refuses a caller which has no sidecar yet',
  why: 'Principals, namespaces and accounts are read from a certificate, and a caller without a sidecar has none, under PERMISSIVE as well. A policy that names it refuses it all the same: 403 `RBAC: access denied`. A call is known when the fleet declares it, or when the caller’s environment or arguments name the Service.',
  fix: 'Leave the policy in dry-run (`istio.io/dry-run: "true"`) until the caller has a sidecar.',
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
      // Whoever is refused with a sidecar as well is another rule's.
      if (policy === undefined || refusedBy(caller, callee, inventory) !== undefined) continue;
      yield {
        ...(evidence ?? { resource: policy, path: ['metadata', 'name'] }),
        message: `"${caller.shown}" has no sidecar, so no policy of ${callee.namespace} lets it call ${callee.name}.`,
      };
    }
  },
});
