import type { KindName } from '../../model/resource.ts';
import { hasPlaceholder } from '../../mesh/placeholder.ts';
import { quoted } from '../../mesh/syntax.ts';
import { rule } from '../rule.ts';

const annotation = 'istio.io/dry-run';
const kinds = [
  'AuthorizationPolicy',
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

/** What Go's ParseBool takes. */
const booleans: ReadonlySet<string> = new Set(
  ['1', 't', 'T', 'TRUE', 'true', 'True'].concat(['0', 'f', 'F', 'FALSE', 'false', 'False']),
);

export default rule({
  id: 'dry-run-misplaced',
  severity: 'error',
  kinds,
  summary:
    'the annotation istio.io/dry-run where it does not work: another kind or action, or no true or false',
  why: 'Only AuthorizationPolicies that allow or deny can be tried out. The webhook refuses the annotation everywhere else, which is lucky: a PeerAuthentication believed to be on trial would be in force.',
  fix: 'Delete the annotation, or write "true" on a policy with the action ALLOW or DENY.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/'],
  *check(inventory) {
    for (const kind of kinds)
      for (const resource of inventory.of(kind)) {
        const value = resource.annotations[annotation];
        if (value === undefined || hasPlaceholder(value)) continue;
        const { action = 'ALLOW' } = resource.spec;
        const place = { resource, path: ['metadata', 'annotations', annotation] };
        if (kind !== 'AuthorizationPolicy')
          yield {
            ...place,
            at: 'key',
            message: `A ${kind} can't be tried out: ${annotation} is for AuthorizationPolicies.`,
          };
        else if (action === 'AUDIT' || action === 'CUSTOM')
          yield { ...place, at: 'key', message: `A policy with the action ${action} can't be tried out.` };
        else if (!booleans.has(value))
          yield { ...place, message: `${annotation} must be "true" or "false", and is ${quoted(value)}.` };
      }
  },
});
