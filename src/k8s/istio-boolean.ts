import { stringAt, type JsonValue } from '../model/json.ts';

/** A boolean as Go's strconv.ParseBool reads it; undefined: Go refuses the text.
 *  @see https://pkg.go.dev/strconv#ParseBool */
export function parseGoBool(text: string): boolean | undefined {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : undefined;
}

/** Whether an AuthorizationPolicy only reports what it would refuse. Istio's webhook refuses a value that Go can't read;
 *  where the webhook does not answer, the policy is in force.
 *  @see https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/ */
export function isDryRun(policy: JsonValue): boolean {
  return parseGoBool(stringAt(policy, 'metadata', 'annotations', 'istio.io/dry-run') ?? '') === true;
}
