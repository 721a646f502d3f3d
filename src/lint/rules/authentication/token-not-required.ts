import type { Inventory } from '../../../mesh/inventory.ts';
import { actionOf, hasTargetRefs, rulesOf } from '../../../mesh/policy-rule.ts';
import { listAt, objectAt, stringAt } from '../../../model/json.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'token-not-required',
  severity: 'info',
  kinds: ['RequestAuthentication'],
  summary: 'a RequestAuthentication without a policy that requires a token',
  why: 'A RequestAuthentication only rejects invalid tokens; a request without a token passes. To require a token, an AuthorizationPolicy must ask for `requestPrincipals`, and none was found. The application may still check for a token itself.',
  fix: 'Add an AuthorizationPolicy that denies requests without a request principal (`notRequestPrincipals: ["*"]`).',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/tasks/security/authorization/authz-jwt/',
    'https://istio.io/latest/docs/reference/config/security/request_authentication/',
  ],
  *check(inventory) {
    const asking = namespacesThatAsk(inventory);
    const { rootNamespace } = inventory.settings;
    if (asking.has(rootNamespace)) return;
    for (const resource of inventory.of('RequestAuthentication')) {
      if (listAt(resource.spec, 'jwtRules').length === 0 || hasTargetRefs(resource)) continue;
      const isAsked = resource.namespace === rootNamespace ? asking.size > 0 : asking.has(resource.namespace);
      if (isAsked) continue;
      yield {
        resource,
        path: ['metadata', 'name'],
        message: `No AuthorizationPolicy read for ${resource.namespace} requires a token, so requests without one pass.`,
      };
    }
  },
});

/** Namespaces with something that looks at tokens: a policy, or routes by claim. */
function namespacesThatAsk(inventory: Inventory): ReadonlySet<string> {
  const found = new Set<string>();
  for (const policy of inventory.of('AuthorizationPolicy')) {
    const isAsking = rulesOf(policy).some(
      ({ sources, conditions }) =>
        sources.some(({ value }) =>
          ['requestPrincipals', 'notRequestPrincipals'].some((field) => Object.hasOwn(value, field)),
        ) || conditions.some(({ value }) => (stringAt(value, 'key') ?? '').startsWith('request.auth')),
    );
    if (isAsking || actionOf(policy) === 'CUSTOM') found.add(policy.namespace);
  }
  for (const { spec, namespace } of inventory.of('VirtualService'))
    for (const http of listAt(spec, 'http'))
      for (const match of listAt(http, 'match'))
        if (Object.keys(objectAt(match, 'headers')).some((key) => key.startsWith('@request.auth')))
          found.add(namespace);
  return found;
}
