import { listAt, stringAt, stringsAt, type JsonObject } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Inventory } from './inventory.ts';
import { hasPlaceholder } from './placeholder.ts';
import { isForHealthChecks, portsOf, rulesOf, type PolicyRule } from './policy-rule.ts';
import { policiesOn } from './policy-scope.ts';
import { matchesPolicyNamespace, matchesPolicyText } from '../k8s/policy-text.ts';
import { accountPath, parseServiceAccount } from '../k8s/principal.ts';
import type { MeshSettings } from './settings.ts';

/** Who calls, as far as the called proxy can tell. */
export type CallerIdentity =
  | 'none'
  | {
      readonly namespace: string;
      /** undefined: any account of the namespace. */
      readonly serviceAccount: string | undefined;
    };

/** What is called. */
export interface Called {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the container; undefined: not known. */
  readonly port: number | undefined;
  /** undefined: not known, so that rules for health checks do not count. */
  readonly path?: string | undefined;
}

/** The ALLOW policy that refuses a caller, because no policy in force for these pods may let it in; undefined: some may,
 *  or there is none. DENY and CUSTOM policies are not looked at. */
export function refusedBy(
  caller: CallerIdentity,
  called: Called,
  inventory: Inventory,
): Resource | undefined {
  const allowing = policiesOn(called, 'ALLOW', inventory);
  const isLetIn = allowing.some((policy) =>
    rulesOf(policy).some((rule) => mayAdmit(rule, caller, called, policy.namespace, inventory.settings)),
  );
  return isLetIn ? undefined : allowing[0];
}

function mayAdmit(
  rule: PolicyRule,
  caller: CallerIdentity,
  called: Called,
  own: string,
  settings: MeshSettings,
): boolean {
  const { sources, conditions } = rule;
  const bySource = sources.length === 0 || sources.some(({ value }) => mayBe(value, caller, own, settings));
  if (!bySource) return false;
  for (const { value } of conditions) {
    const field = identityAttributes.get(stringAt(value, 'key') ?? '');
    if (field === undefined) continue;
    const values = listAt(value, 'values');
    if (values.length > 0 && !mayBe({ [field]: values }, caller, own, settings)) return false;
  }
  const ports = portsOf(rule);
  if (called.port !== undefined && ports !== undefined && !ports.has(called.port)) return false;
  if (called.path === undefined) return !isForHealthChecks(rule);
  return mayBePath(rule, called.path);
}

const identityAttributes: ReadonlyMap<string, string> = new Map([
  ['source.principal', 'principals'],
  ['source.namespace', 'namespaces'],
  ['source.serviceAccount', 'serviceAccounts'],
]);

/** Whether a caller can be what a source says; addresses and tokens are taken to fit. */
function mayBe(source: JsonObject, caller: CallerIdentity, own: string, settings: MeshSettings): boolean {
  const said = (field: string) => listAt(source, field).map((each) => (typeof each === 'string' ? each : ''));
  if (caller === 'none')
    return ['principals', 'namespaces', 'serviceAccounts', 'trustDomains'].every(
      (field) => said(field).length === 0,
    );
  const { namespace, serviceAccount } = caller;
  const isPrincipal = (pattern: string) =>
    hasPlaceholder(pattern) ||
    principalsOf(caller, pattern, settings).some((each) => matchesPolicyText(pattern, each));
  const isNamespace = (pattern: string) =>
    hasPlaceholder(pattern) || matchesPolicyNamespace(pattern, namespace);
  const isAccount = (text: string) => {
    const account = parseServiceAccount(text, own);
    return (
      hasPlaceholder(text) ||
      (account?.namespace === namespace &&
        (serviceAccount === undefined || account.serviceAccount === serviceAccount))
    );
  };
  const fits = (field: string, matches: (text: string) => boolean) =>
    said(field).length === 0 || said(field).some(matches);
  if (!fits('principals', isPrincipal) || !fits('namespaces', isNamespace)) return false;
  if (!fits('serviceAccounts', isAccount)) return false;
  return !said('notNamespaces').some((pattern) => matchesPolicyNamespace(pattern, namespace));
}

/** The principals a caller may have that a pattern is to be compared with. */
function principalsOf(
  { namespace, serviceAccount }: Exclude<CallerIdentity, 'none'>,
  pattern: string,
  settings: MeshSettings,
): readonly string[] {
  const [written = ''] = pattern.split('/');
  // What trust domain there is, another rule looks at.
  const domain = written === '' || written.includes('*') ? settings.trustDomain : written;
  const parts = pattern.split('/');
  const account = serviceAccount ?? (parts.length === 5 && parts[2] === namespace ? parts[4] : '*');
  return [domain + accountPath({ namespace, serviceAccount: account ?? '*' })];
}

function mayBePath({ operations }: PolicyRule, path: string): boolean {
  const lists = operations.map(({ value }) => stringsAt(value, 'paths'));
  if (lists.length === 0) return true;
  return lists.some(
    (list) =>
      list.length === 0 ||
      list.some((each) => hasPlaceholder(each) || each.includes('{') || matchesPolicyText(each, path)),
  );
}
