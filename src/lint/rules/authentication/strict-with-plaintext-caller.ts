import { knownCalls } from '../../../mesh/known-call.ts';
import { isGuarded, strictnessOf } from '../../../mesh/plaintext.ts';
import { describeResource } from '../../../model/resource.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'strict-with-plaintext-caller',
  severity: 'error',
  kinds: ['PeerAuthentication'],
  summary: 'STRICT for a Service that is called by a workload without a sidecar',
  why: 'Under STRICT, a sidecar resets every plaintext connection, and plaintext is all that a caller without a sidecar can send: a namespace that has not moved yet, a Job with `sidecar.istio.io/inject: "false"`, a pod on the host network. The caller sees "connection reset by peer". A call is known if the fleet declares it, or if the caller’s environment variables or arguments name the Service.',
  fix: 'Give the caller a sidecar first, or keep the port PERMISSIVE until it has one.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/'],
  *check(inventory) {
    for (const { caller, callee, evidence } of knownCalls(inventory)) {
      if (caller.hasSidecar !== false) continue;
      const { workload, port, name, namespace } = callee;
      if (workload !== undefined && evidence !== undefined && !isGuarded(workload, port, inventory)) continue;
      const strict = strictnessOf(callee, port, inventory);
      if (strict === undefined) continue;
      yield {
        ...(evidence ?? { resource: strict, path: ['spec', 'mtls', 'mode'] }),
        message: `"${caller.shown}" has no sidecar, but ${describeResource(strict)} makes ${namespace}/${name} reject plaintext.`,
      };
    }
  },
});
