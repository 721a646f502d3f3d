import { listAt, stringsAt } from '../../../model/json.ts';
import { actionOf, isHealthPath, rulesOf, type PolicyRule } from '../../../mesh/policy-rule.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'policy-rule-split',
  severity: 'warning',
  kinds: ['AuthorizationPolicy'],
  summary: 'an ALLOW policy whose `from` and `to` are two separate rules, probably by mistake',
  why: 'With a dash before each, `- from:` and `- to:` are separate rules, and matching either is enough: everybody may do what `to` allows, and the callers in `from` may do everything. It looks like a single rule, and nothing rejects it. Rules only for health checks, metrics or CORS preflights are assumed to be intended.',
  fix: 'Remove the dash before `to`, so that it becomes part of the rule above.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule',
    'https://github.com/istio/istio/issues/24665',
  ],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      if (actionOf(resource) !== 'ALLOW') continue;
      let previous: PolicyRule | undefined;
      for (const each of rulesOf(resource)) {
        const isSplit = previous !== undefined && hasOnly(previous, 'sources') && hasOnly(each, 'operations');
        if (isSplit && !isPublic(each))
          yield {
            resource,
            path: [...each.path, 'to'],
            at: 'key',
            message:
              'This "to" is a separate rule: it allows everybody, not only the callers in the rule above.',
          };
        previous = each;
      }
    }
  },
});

const parts = ['sources', 'operations', 'conditions'] as const;

function hasOnly(each: PolicyRule, wanted: (typeof parts)[number]): boolean {
  return parts.every((part) => each[part].length > 0 === (part === wanted));
}

/** Operations that are usually open to everybody on purpose. */
function isPublic({ operations }: PolicyRule): boolean {
  return operations.every(({ value }) => {
    const paths = stringsAt(value, 'paths');
    const methods = stringsAt(value, 'methods');
    if (methods.length > 0 && methods.every((method) => method === 'OPTIONS')) return true;
    if (paths.length > 0) return paths.every((path) => isHealthPath(path) || open.test(path));
    return listAt(value, 'ports').length > 0 && methods.length === 0;
  });
}

const open = /metrics|prometheus|well-known|favicon|robots|public|static|assets|login|oauth|swagger|docs/i;
