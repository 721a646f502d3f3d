import { isList } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'deny-without-rules',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'an AuthorizationPolicy with the action DENY or CUSTOM and no rules',
  why: 'Such a policy would never apply, so the webhook rejects it. `action: DENY` alone is usually meant to deny everything, which is written `spec: {}`, or with one empty rule.',
  fix: 'To deny everything, write `spec: {}` (an ALLOW policy that allows nothing); with DENY or CUSTOM, `rules: [{}]` means every request.',
  equivalent: ['IST0106'],
  see: ['https://istio.io/latest/docs/reference/config/security/authorization-policy/'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      const { action, rules } = resource.spec;
      if (
        (action === 'DENY' || action === 'CUSTOM') &&
        (rules === undefined || rules === null || (isList(rules) && rules.length === 0))
      )
        yield {
          resource,
          path: ['spec', 'action'],
          message: `The ${action} policy has no rules, so it matches no request.`,
        };
    }
  },
});
