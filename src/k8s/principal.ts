/** Who a pod is to the mesh. */
export interface Principal {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** Stands for the account of a caller of whom only the namespace is known: any of them, for all that is known. */
export const unknownAccount = '';

/** Whether nothing is known of a caller: neither its account nor its namespace. */
export function isAnyone({ namespace, serviceAccount }: Omit<Principal, 'trustDomain'>): boolean {
  return namespace === '' && serviceAccount === unknownAccount;
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

/** As a policy names it, without `spiffe://`. */
export function principalOf(principal: Principal): string {
  return principal.trustDomain + accountPath(principal);
}

/** The part of a principal that names its account, after the trust domain. */
export function accountPath({ namespace, serviceAccount }: Omit<Principal, 'trustDomain'>): string {
  return `/ns/${namespace}/sa/${serviceAccount}`;
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
