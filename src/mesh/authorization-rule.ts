import { isObject, listAt, stringAt, stringsAt, type JsonObject } from '../model/json.ts';
import { matchesPolicyNamespace, matchesPolicyText, matchesTrustDomain } from '../k8s/policy-text.ts';
import {
  accountPath,
  isAnyone,
  parseServiceAccount,
  unknownAccount,
  type Principal,
} from '../k8s/principal.ts';
import { allOf, anyOf, negate, type Maybe } from './certainty.ts';
import type { MeshSettings } from './settings.ts';

/** Who a peer's certificate says it is. */
export type Identity = Omit<Principal, 'trustDomain'>;

/** A request as the server's proxy sees it. */
export interface PolicyRequest {
  /** undefined: plaintext, which has no identity. */
  readonly identity: Identity | undefined;
  /** Of the container; undefined: not known. */
  readonly port: number | undefined;
  readonly isHttp: boolean;
  /** Of the HTTP request; undefined: any. */
  readonly path: string | undefined;
  readonly method: string | undefined;
}

/** What a rule is read with. */
export interface RuleContext {
  readonly request: PolicyRequest;
  /** Of the policy. */
  readonly namespace: string;
  readonly action: 'ALLOW' | 'DENY';
  readonly settings: MeshSettings;
}

/** Whether a rule matches: one of its sources, one of its operations, and all its conditions. What only HTTP has makes a
 *  rule of ALLOW void on TCP, and is left out of a rule of DENY.
 *  @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule */
export function matchesRule(rule: JsonObject, context: RuleContext): Maybe {
  const isTcp = !context.request.isHttp;
  const parts = [
    ...listOf(rule, 'from', 'source').map((value) => ({ list: 'from', value, http: httpSource })),
    ...listOf(rule, 'to', 'operation').map((value) => ({ list: 'to', value, http: httpOperation })),
  ];
  const conditions = listAt(rule, 'when').filter(isObject);
  if (isTcp && context.action === 'ALLOW') {
    const needsHttp =
      parts.some(({ value, http }) => http.some((key) => listAt(value, key).length > 0)) ||
      conditions.some(isHttpCondition);
    if (needsHttp) return false;
  }
  const seen = parts.map((part) => ({ ...part, value: isTcp ? without(part.value, part.http) : part.value }));
  const some = (list: string, test: (value: JsonObject) => Maybe): Maybe => {
    const values = seen.filter((each) => each.list === list);
    return values.length === 0 ? true : anyOf(values.map(({ value }) => test(value)));
  };
  return allOf([
    some('from', (source) => allOf(sourceFields(source, context))),
    some('to', (operation) => allOf(operationFields(operation, context))),
    ...conditions
      .filter((each) => !(isTcp && isHttpCondition(each)))
      .map((each) => matchesCondition(each, context)),
  ]);
}

const httpSource = ['requestPrincipals', 'notRequestPrincipals', 'remoteIpBlocks', 'notRemoteIpBlocks'];
const httpOperation = ['hosts', 'notHosts', 'methods', 'notMethods', 'paths', 'notPaths'];

function isHttpCondition(condition: JsonObject): boolean {
  return /^(?:request\.|remote\.ip$)/.test(stringAt(condition, 'key') ?? '');
}

function listOf(rule: JsonObject, list: string, member: string): readonly JsonObject[] {
  return listAt(rule, list).map((each) => {
    const value = isObject(each) ? each[member] : undefined;
    return isObject(value) ? value : {};
  });
}

function without(value: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

/** The fields of a source or operation that are written, and their opposites. */
function* fields(
  value: JsonObject,
  tests: Readonly<Record<string, (values: readonly string[]) => Maybe>>,
): Iterable<Maybe> {
  for (const [key, test] of Object.entries(tests)) {
    const wanted = stringsAt(value, key);
    if (wanted.length > 0) yield test(wanted);
    const unwanted = stringsAt(value, oppositeOf(key));
    if (unwanted.length > 0) yield negate(test(unwanted));
  }
}

const opposites = new Map<string, string>();

/** `notPorts` of `ports`. */
function oppositeOf(key: string): string {
  let opposite = opposites.get(key);
  if (opposite === undefined)
    opposites.set(key, (opposite = `not${key.slice(0, 1).toUpperCase()}${key.slice(1)}`));
  return opposite;
}

function sourceFields(source: JsonObject, context: RuleContext): Iterable<Maybe> {
  return fields(source, {
    principals: (wanted) => hasPrincipal(wanted, context),
    namespaces: (wanted) => hasNamespace(wanted, context),
    serviceAccounts: (wanted) => hasAccount(wanted, context),
    trustDomains: (wanted) =>
      context.request.identity !== undefined &&
      wanted.some((each) => matchesTrustDomain(each, context.settings.trustDomain)),
    requestPrincipals: () => undefined,
    ipBlocks: (wanted) => (wanted.includes('0.0.0.0/0') ? true : undefined),
    remoteIpBlocks: (wanted) => (wanted.includes('0.0.0.0/0') ? true : undefined),
  });
}

function operationFields(operation: JsonObject, { request }: RuleContext): Iterable<Maybe> {
  return fields(operation, {
    ports: (wanted) => (request.port === undefined ? undefined : wanted.includes(String(request.port))),
    methods: (wanted) => ofText(wanted, request.method),
    paths: (wanted) => ofText(wanted, request.path),
    // A service has several names, and which one the client wrote is not known.
    hosts: (wanted) => (wanted.includes('*') ? true : undefined),
  });
}

function ofText(wanted: readonly string[], text: string | undefined): Maybe {
  if (wanted.includes('*')) return true;
  if (text === undefined) return undefined;
  return anyOf(wanted.map((each) => (/[{}]/.test(each) ? undefined : matchesPolicyText(each, text))));
}

function hasPrincipal(wanted: readonly string[], { request: { identity }, settings }: RuleContext): Maybe {
  if (identity === undefined) return false;
  if (isAnyone(identity)) return wanted.includes('*') ? true : undefined;
  const path = accountPath(identity);
  const isKnown = identity.serviceAccount !== unknownAccount;
  const test = (pattern: string): Maybe =>
    isKnown
      ? matchesPolicyText(pattern, settings.trustDomain + path)
      : matchesSomeAccount(pattern, settings.trustDomain + path);
  return anyOf(
    wanted.map((pattern) => {
      const found = test(pattern);
      if (found !== false) return found;
      const slash = pattern.indexOf('/');
      const domain = pattern.slice(0, Math.max(0, slash));
      // `cluster.local` in a policy stands for the mesh's own trust domain, and so does each alias.
      const isOwn = domain === 'cluster.local' || settings.trustDomainAliases.includes(domain);
      return isOwn ? test(settings.trustDomain + pattern.slice(slash)) : false;
    }),
  );
}

/** Whether a pattern matches a principal that starts with `start`, and whose account, the rest, is not known. */
function matchesSomeAccount(pattern: string, start: string): Maybe {
  if (pattern === '*') return true;
  if (pattern.startsWith('*')) return undefined;
  const isPrefix = pattern.endsWith('*');
  const text = isPrefix ? pattern.slice(0, -1) : pattern;
  if (isPrefix && start.startsWith(text)) return true;
  return text.startsWith(start) && text.length > start.length ? undefined : false;
}

function hasNamespace(wanted: readonly string[], { request: { identity } }: RuleContext): Maybe {
  if (identity === undefined) return false;
  if (isAnyone(identity)) return wanted.includes('*') ? true : undefined;
  return wanted.some((each) => matchesPolicyNamespace(each, identity.namespace));
}

function hasAccount(wanted: readonly string[], { request: { identity }, namespace }: RuleContext): Maybe {
  if (identity === undefined) return false;
  if (isAnyone(identity)) return undefined;
  return anyOf(
    wanted.map((each) => {
      const account = parseServiceAccount(each, namespace);
      if (account?.namespace !== identity.namespace) return false;
      return identity.serviceAccount === unknownAccount
        ? undefined
        : account.serviceAccount === identity.serviceAccount;
    }),
  );
}

/** @see https://istio.io/latest/docs/reference/config/security/conditions/ */
function matchesCondition(condition: JsonObject, context: RuleContext): Maybe {
  const key = stringAt(condition, 'key') ?? '';
  const test = (wanted: readonly string[]): Maybe => {
    if (key === 'source.principal') return hasPrincipal(wanted, context);
    if (key === 'source.namespace') return hasNamespace(wanted, context);
    if (key === 'source.serviceAccount') return hasAccount(wanted, context);
    const { port } = context.request;
    if (key === 'destination.port') return port === undefined ? undefined : wanted.includes(String(port));
    return undefined;
  };
  const values = stringsAt(condition, 'values');
  const others = stringsAt(condition, 'notValues');
  return allOf([
    values.length === 0 ? true : test(values),
    others.length === 0 ? true : negate(test(others)),
  ]);
}
