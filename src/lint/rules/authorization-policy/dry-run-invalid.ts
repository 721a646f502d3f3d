import { valueAt } from '../../../model/json.ts';
import type { KindName } from '../../../model/resource.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { parseGoBool } from '../../../k8s/istio-boolean.ts';
import { actionOf } from '../../../mesh/policy-rule.ts';
import { rule } from '../../rule.ts';

const annotation = 'istio.io/dry-run';
const others = [
  'DestinationRule',
  'EnvoyFilter',
  'Gateway',
  'PeerAuthentication',
  'ProxyConfig',
  'RequestAuthentication',
  'ServiceEntry',
  'Sidecar',
  'Telemetry',
  'VirtualService',
  'WasmPlugin',
  'WorkloadEntry',
  'WorkloadGroup',
] as const satisfies readonly KindName[];

export default rule({
  id: 'dry-run-invalid',
  severity: 'error',
  kinds: ['AuthorizationPolicy', ...others],
  summary: 'a dry-run annotation that is not a boolean, or on an object that does not support dry-run',
  why: 'Only ALLOW and DENY policies support dry-run, and its value must be the string "true" or "false". The webhook rejects any other value, and any other kind with the annotation. Where the webhook does not run, Istio enforces the object: the trial denies real calls.',
  fix: 'Set `istio.io/dry-run: "true"`, quoted, on an ALLOW or DENY policy.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/'],
  *check(inventory) {
    for (const kind of others)
      for (const resource of inventory.of(kind)) {
        const value = resource.annotations[annotation];
        if (value === undefined || hasPlaceholder(value)) continue;
        yield {
          resource,
          path: ['metadata', 'annotations', annotation],
          at: 'key',
          message: `A ${kind} does not support dry-run: it is enforced.`,
          fix: 'Remove the annotation.',
        };
      }
    for (const resource of inventory.of('AuthorizationPolicy')) {
      const path = ['metadata', 'annotations', annotation];
      const value = valueAt(resource.value, ...path);
      if (value === undefined || (typeof value === 'string' && hasPlaceholder(value))) continue;
      const action = actionOf(resource);
      if (typeof value === 'boolean')
        yield {
          resource,
          path,
          message: `An annotation value must be a string, but ${String(value)} is not quoted.`,
          edits: [{ op: 'set', path, value: String(value) }],
        };
      else if (typeof value !== 'string' || parseGoBool(value) === undefined)
        yield { resource, path, message: `The value ${JSON.stringify(value)} is neither true nor false.` };
      else if (parseGoBool(value) === true && action !== 'ALLOW' && action !== 'DENY')
        yield {
          resource,
          path,
          at: 'key',
          message: `A policy with the action ${action} does not support dry-run.`,
        };
    }
  },
});
