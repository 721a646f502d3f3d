import { isObject, listAt, objectAt, stringsAt, type JsonObject } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Identity } from './authorization-rule.ts';
import { accountPath, isAnyone, unknownAccount } from '../k8s/principal.ts';
import { listIn } from '../model/list-in.ts';

/** The rules of a policy by who they are for, since a service with a thousand callers has a thousand rules. */
interface RuleIndex {
  /** Rules for accounts written in full, by the part after the trust domain: `/ns/shop/sa/web`. */
  readonly byAccount: ReadonlyMap<string, readonly PlacedRule[]>;
  readonly others: readonly PlacedRule[];
}

/** A rule, and its place among all. */
interface PlacedRule {
  readonly index: number;
  readonly rule: JsonObject;
}

const indexes = new WeakMap<Resource, RuleIndex>();

/** The rules of an AuthorizationPolicy that may match a caller, in their order. Those left out name other accounts only.
 *  @param identity  undefined: plaintext
 *  @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source */
export function rulesFor(policy: Resource, identity: Identity | undefined): readonly PlacedRule[] {
  let known = indexes.get(policy);
  if (known === undefined) indexes.set(policy, (known = indexOf(policy)));
  const { byAccount, others } = known;
  if (identity === undefined || byAccount.size === 0) return others;
  const path = accountPath(identity);
  const isSome = (account: string) => isAnyone(identity) || account.startsWith(path);
  // Of an account that is not known, each of its namespace may be the one.
  const own =
    identity.serviceAccount === unknownAccount
      ? [...byAccount].flatMap(([account, rules]) => (isSome(account) ? rules : []))
      : byAccount.get(path);
  if (own === undefined) return others;
  return others.length === 0 ? own : [...own, ...others].sort((one, other) => one.index - other.index);
}

function indexOf({ spec }: Resource): RuleIndex {
  const byAccount = new Map<string, PlacedRule[]>();
  const others: PlacedRule[] = [];
  for (const [index, rule] of listAt(spec, 'rules').entries()) {
    if (!isObject(rule)) continue;
    const accounts = accountsOf(rule);
    if (accounts === undefined) others.push({ index, rule });
    else for (const account of accounts) listIn(byAccount, account).push({ index, rule });
  }
  return { byAccount, others };
}

/** The accounts that a rule is for; undefined: not only for accounts written in full. */
function accountsOf(rule: JsonObject): ReadonlySet<string> | undefined {
  const sources = listAt(rule, 'from').map((each) => stringsAt(objectAt(each, 'source'), 'principals'));
  if (sources.length === 0 || sources.some((principals) => principals.length === 0)) return undefined;
  const patterns = sources.flat();
  if (patterns.some((each) => each.startsWith('*') || each.endsWith('*'))) return undefined;
  return new Set(patterns.map((each) => each.slice(each.indexOf('/'))));
}
