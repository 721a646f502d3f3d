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
  summary: 'a dry-run annotation that is no boolean, or on what has no dry run',
  why: 'Dry run is there for ALLOW and DENY policies, and its value is a text that says true or false. Istio refuses anything else, and other kinds that carry it, where its webhook answers, and enforces them where it does not: the trial refuses real calls.',
  fix: 'Write `istio.io/dry-run: "true"`, with the quotes, on an ALLOW or DENY policy.',
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
          message: `A ${kind} has no dry run: it is in force.`,
          fix: 'Delete the annotation.',
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
          message: `An annotation is text, and ${String(value)} without quotes is none.`,
          edits: [{ op: 'set', path, value: String(value) }],
        };
      else if (typeof value !== 'string' || parseGoBool(value) === undefined)
        yield { resource, path, message: `The value ${JSON.stringify(value)} is neither true nor false.` };
      else if (parseGoBool(value) === true && action !== 'ALLOW' && action !== 'DENY')
        yield { resource, path, at: 'key', message: `A policy with the action ${action} has no dry run.` };
    }
  },
});
