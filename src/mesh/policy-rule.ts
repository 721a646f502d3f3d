import { isDryRun } from '../k8s/istio-boolean.ts';
import { isObject, listAt, objectAt, stringAt, type JsonObject, type YamlPath } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import { hasPlaceholder } from './placeholder.ts';
import { labelsAt } from '../k8s/selector.ts';

/** A source, an operation or a condition of a rule, and where it is. */
export interface RulePart {
  readonly path: YamlPath;
  readonly value: JsonObject;
}

/** A rule of an AuthorizationPolicy. A request matches when one source, one operation and every condition do.
 *  @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule */
export interface PolicyRule {
  readonly path: YamlPath;
  /** Empty: from anyone. */
  readonly sources: readonly RulePart[];
  /** Empty: to anything. */
  readonly operations: readonly RulePart[];
  readonly conditions: readonly RulePart[];
}

/** A text inside a rule, and where it is. */
export interface WrittenValue {
  readonly path: YamlPath;
  readonly field: string;
  readonly text: string;
}

/** What an AuthorizationPolicy does on a match; ALLOW where nothing says. */
export function actionOf({ spec }: Resource): string {
  return stringAt(spec, 'action') ?? 'ALLOW';
}

/** Whether an AuthorizationPolicy has a say in what happens: one in dry-run only counts. */
export function isEnforced({ value }: Resource): boolean {
  return !isDryRun(value);
}

/** The labels a policy selects pods by; undefined: all pods of its namespace, or of the mesh in the root namespace. */
export function selectorOf({ spec }: Resource): Readonly<Record<string, string>> | undefined {
  const labels = labelsAt(spec, 'selector', 'matchLabels');
  return Object.keys(labels).length > 0 ? labels : undefined;
}

/** Whether a policy names what it is for by reference (gateways, waypoints): sidecars ignore it. */
export function hasTargetRefs({ spec }: Resource): boolean {
  return listAt(spec, 'targetRefs').length > 0 || isObject(spec.targetRef);
}

export function rulesOf({ spec }: Resource): readonly PolicyRule[] {
  return listAt(spec, 'rules').map((value, index) => {
    const path = ['spec', 'rules', index];
    const parts = (list: string, item?: string): readonly RulePart[] =>
      listAt(value, list).map((each, at) => ({
        path: item === undefined ? [...path, list, at] : [...path, list, at, item],
        value: item === undefined ? objectAt(each) : objectAt(each, item),
      }));
    return {
      path,
      sources: parts('from', 'source'),
      operations: parts('to', 'operation'),
      conditions: parts('when'),
    };
  });
}

/** The texts that some fields of parts list; those that still hold a placeholder are left out. */
export function* valuesIn(parts: readonly RulePart[], ...fields: readonly string[]): Iterable<WrittenValue> {
  for (const { path, value } of parts)
    for (const field of fields)
      for (const [index, text] of listAt(value, field).entries())
        if (typeof text === 'string' && !hasPlaceholder(text))
          yield { path: [...path, field, index], field, text };
}

/** The values of conditions about some attributes: `source.principal`. */
export function* conditionValues(
  parts: readonly RulePart[],
  ...attributes: readonly string[]
): Iterable<WrittenValue> {
  const about = parts.filter(({ value }) => attributes.includes(stringAt(value, 'key') ?? ''));
  yield* valuesIn(about, 'values', 'notValues');
}

/** Every principal that a policy names, as a source or in a condition. */
export function* principalsIn(policy: Resource): Iterable<WrittenValue> {
  for (const { sources, conditions } of rulesOf(policy)) {
    yield* valuesIn(sources, 'principals', 'notPrincipals');
    yield* conditionValues(conditions, 'source.principal');
  }
}

const identityFields = ['principals', 'namespaces', 'serviceAccounts', 'trustDomains'] as const;
const identityAttributes: ReadonlySet<string> = new Set([
  'source.principal',
  'source.namespace',
  'source.serviceAccount',
]);

/** Whether only callers with a certificate of the mesh can match a rule.
 *  @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source */
export function needsIdentity({ sources, conditions }: PolicyRule): boolean {
  const bySource =
    sources.length > 0 &&
    sources.every(({ value }) => identityFields.some((field) => listAt(value, field).length > 0));
  return (
    bySource ||
    conditions.some(
      ({ value }) =>
        identityAttributes.has(stringAt(value, 'key') ?? '') && listAt(value, 'values').length > 0,
    )
  );
}

/** Where a rule asks for the identity that only mTLS gives, first of all. */
export function identityField({ sources, conditions }: PolicyRule): { readonly path: YamlPath } | undefined {
  for (const { path, value } of sources)
    for (const field of identityFields.flatMap((each) => [
      each,
      `not${each[0]?.toUpperCase() ?? ''}${each.slice(1)}`,
    ]))
      if (listAt(value, field).length > 0) return { path: [...path, field] };
  return conditions
    .filter(({ value }) => identityAttributes.has(stringAt(value, 'key') ?? ''))
    .map(({ path }) => ({ path: [...path, 'key'] }))[0];
}

const httpOperations = ['hosts', 'notHosts', 'methods', 'notMethods', 'paths', 'notPaths'] as const;

/** Where a rule asks for what only HTTP requests have: hosts, methods, paths, headers, tokens. */
export function httpFields({ sources, operations, conditions }: PolicyRule): readonly YamlPath[] {
  const found: YamlPath[] = [];
  for (const { path, value } of operations)
    for (const field of httpOperations) if (listAt(value, field).length > 0) found.push([...path, field]);
  for (const { path, value } of sources)
    for (const field of ['requestPrincipals', 'notRequestPrincipals'])
      if (listAt(value, field).length > 0) found.push([...path, field]);
  for (const { path, value } of conditions)
    if ((stringAt(value, 'key') ?? '').startsWith('request.')) found.push([...path, 'key']);
  return found;
}

/** Words of paths that monitors and the kubelet ask for. */
const healthPath =
  /^\*?\/([\w-]+\/)?(-\/)?(health|healthz|healthy|ready|readyz|readiness|live|livez|liveness|status|ping)(\/[\w-]*)?\*?$/i;

/** Whether a path is one that only health checks ask for. */
export function isHealthPath(text: string): boolean {
  return text.length < 100 && healthPath.test(text);
}

/** Whether a rule is for health checks alone. */
export function isForHealthChecks({ operations }: PolicyRule): boolean {
  return (
    operations.length > 0 &&
    operations.every(({ value }) => {
      const paths = listAt(value, 'paths');
      return paths.length > 0 && paths.every((each) => typeof each === 'string' && isHealthPath(each));
    })
  );
}

/** Whether a value can be of a port: the number, or a number inside a text. */
export function portNumber(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) ? Number(text) : undefined;
}

/** The numbers of the ports a rule is about; undefined: any, or not known. */
export function portsOf({ operations }: PolicyRule): ReadonlySet<number> | undefined {
  if (operations.length === 0) return undefined;
  const found = new Set<number>();
  for (const { value } of operations) {
    const ports = listAt(value, 'ports');
    if (ports.length === 0) return undefined;
    for (const each of ports) {
      const number = typeof each === 'string' ? portNumber(each) : undefined;
      if (number === undefined) return undefined;
      found.add(number);
    }
  }
  return found;
}
