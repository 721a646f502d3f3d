import { listAt } from '../../../model/json.ts';
import { actionOf, hasTargetRefs } from '../../../mesh/policy-rule.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'policy-name-says-allow',
  severity: 'info',
  kinds: ['AuthorizationPolicy'],
  summary: 'an AuthorizationPolicy named "allow…" that has no rules',
  why: 'A policy without rules allows nothing: that is how a deny-all is written. If its name says "allow", its rules were probably lost in a patch or through wrong indentation, and its callers get a 403.',
  fix: 'Add the rules, or `rules: [{}]` to allow everything, or rename the policy.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/concepts/security/#allow-nothing-deny-all-and-allow-all-policy'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      const { name, spec } = resource;
      if (actionOf(resource) !== 'ALLOW' || listAt(spec, 'rules').length > 0) continue;
      if (!/(^|-)allow/.test(name) || /nothing|none|nobody|no-one|deny|only|allow-no/.test(name)) continue;
      if (hasTargetRefs(resource) || hasPlaceholder(name)) continue;
      yield {
        resource,
        path: ['metadata', 'name'],
        message: `The policy "${name}" has no rules, so it allows nothing.`,
      };
    }
  },
});
