import type { Inventory } from './inventory.ts';

/** Who a pod is to the mesh. */
export interface Principal {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** Of `cluster.local/ns/bank/sa/ledger`; undefined: a pattern, or nothing that a certificate says.
 *  @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source */
export function parsePrincipal(text: string): Principal | undefined {
  if (text.includes('*')) return undefined;
  const [trustDomain, ns, namespace, sa, serviceAccount, ...rest] = text.split('/');
  if (ns !== 'ns' || sa !== 'sa' || rest.length > 0) return undefined;
  if (!trustDomain || !namespace || !serviceAccount) return undefined;
  return { trustDomain, namespace, serviceAccount };
}

/** Of `bank/ledger`, or of `ledger` in a policy of `own`; undefined: neither. */
export function parseServiceAccount(
  text: string,
  own: string,
): Pick<Principal, 'namespace' | 'serviceAccount'> | undefined {
  const [first, second, ...rest] = text.split('/');
  if (!first || second === '' || rest.length > 0 || text.includes('*')) return undefined;
  return second === undefined
    ? { namespace: own, serviceAccount: first }
    : { namespace: first, serviceAccount: second };
}

/** Whether a value of a policy matches a text: exact, `abc*`, `*abc`, or `*` for any that is not empty. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (pattern === '*') return text !== '';
  if (pattern.startsWith('*')) return text.endsWith(pattern.slice(1));
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : pattern === text;
}

/** The accounts of a namespace that manifests declare, or that pods run as. `default` is always there. */
export function serviceAccountsIn(namespace: string, inventory: Inventory): ReadonlySet<string> {
  return inventory.once(accountsOf, namespace);
}

function accountsOf(namespace: string, inventory: Inventory): ReadonlySet<string> {
  return new Set([
    'default',
    ...inventory.inNamespace('ServiceAccount', namespace).map(({ name }) => name),
    ...inventory.workloadsIn(namespace).map(({ serviceAccount }) => serviceAccount),
  ]);
}

/** Whether the stars of a value of a policy are where they count: one, at the start or at the end. */
export function isPattern(text: string): boolean {
  const first = text.indexOf('*');
  return first < 0 || (first === text.lastIndexOf('*') && (first === 0 || first === text.length - 1));
}
