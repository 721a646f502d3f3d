import { isObject, listAt, objectAt, stringsAt, type JsonObject } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Identity } from './authorization-rule.ts';
import { listIn } from './list-in.ts';

/** The rules of a policy by who they are for, since a service with a thousand callers has a thousand rules. */
interface RuleIndex {
  readonly rules: readonly (JsonObject | undefined)[];
  /** Rules for accounts written in full, by the part after the trust domain: `/ns/shop/sa/web`. */
  readonly byAccount: ReadonlyMap<string, readonly number[]>;
  readonly others: readonly number[];
}

const indexes = new WeakMap<Resource, RuleIndex>();

/** The rules of an AuthorizationPolicy that may match a caller, with their place among all, in order. Those left out name
 *  other accounts only.
 *  @param identity  undefined: plain text
 *  @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source */
export function rulesFor(
  policy: Resource,
  identity: Identity | undefined,
): readonly { readonly index: number; readonly rule: JsonObject }[] {
  const known = indexes.get(policy) ?? indexOf(policy);
  indexes.set(policy, known);
  const { rules, byAccount, others } = known;
  const own =
    identity === undefined
      ? []
      : (byAccount.get(`/ns/${identity.namespace}/sa/${identity.serviceAccount}`) ?? []);
  const chosen = own.length === 0 ? others : [...own, ...others].sort((a, b) => a - b);
  return chosen.flatMap((index) => {
    const rule = rules[index];
    return rule === undefined ? [] : [{ index, rule }];
  });
}

function indexOf({ spec }: Resource): RuleIndex {
  const rules = listAt(spec, 'rules').map((rule) => (isObject(rule) ? rule : undefined));
  const byAccount = new Map<string, number[]>();
  const others: number[] = [];
  for (const [index, rule] of rules.entries()) {
    if (rule === undefined) continue;
    const accounts = accountsOf(rule);
    if (accounts === undefined) others.push(index);
    else for (const account of accounts) listIn(byAccount, account).push(index);
  }
  return { rules, byAccount, others };
}

/** The accounts that a rule is for; undefined: not only for accounts written in full. */
function accountsOf(rule: JsonObject): ReadonlySet<string> | undefined {
  const sources = listAt(rule, 'from').map((each) => stringsAt(objectAt(each, 'source'), 'principals'));
  if (sources.length === 0 || sources.some((principals) => principals.length === 0)) return undefined;
  const patterns = sources.flat();
  if (patterns.some((each) => each.startsWith('*') || each.endsWith('*'))) return undefined;
  return new Set(patterns.map((each) => each.slice(each.indexOf('/'))));
}
