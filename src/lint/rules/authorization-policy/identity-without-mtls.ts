import { namespaceMode, workloadMode } from '../../../mesh/peer-authentication.ts';
import { identityField, rulesOf, selectorOf } from '../../../mesh/policy-rule.ts';
import { workloadsUnder } from '../../../mesh/policy-scope.ts';
import { describeResource } from '../../../model/resource.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'identity-without-mtls',
  severity: 'error',
  kinds: ['AuthorizationPolicy', 'PeerAuthentication'],
  summary: 'an AuthorizationPolicy by caller identity where mTLS is disabled',
  why: 'Istio reads a caller’s principal, namespace and service account from its certificate. With `mode: DISABLE` there is none: an ALLOW by identity denies everybody (403), a DENY by identity blocks nobody, and a `not…` field matches every caller.',
  fix: 'Set the PeerAuthentication to PERMISSIVE or STRICT.',
  equivalent: ['KIA0105'],
  see: [
    'https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source',
    'https://istio.io/latest/docs/reference/config/security/peer_authentication/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      const asked = rulesOf(resource).flatMap((each) => identityField(each) ?? []);
      if (asked.length === 0) continue;
      const workloads = workloadsUnder(resource, inventory);
      const isForMesh = resource.namespace === inventory.settings.rootNamespace;
      const modes =
        workloads.length > 0
          ? workloads.map((workload) => workloadMode(workload, undefined, inventory))
          : isForMesh && selectorOf(resource) !== undefined
            ? []
            : [namespaceMode(resource.namespace, inventory)];
      const [{ by } = { by: undefined }] = modes;
      if (
        by === undefined ||
        modes.some(({ mode, conflicting }) => mode !== 'DISABLE' || conflicting.length > 0)
      )
        continue;
      for (const { path } of asked)
        yield {
          resource,
          path,
          at: 'key',
          message: `Callers have no identity here because ${describeResource(by)} disables mTLS.`,
        };
    }
  },
});
