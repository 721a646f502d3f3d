import { mayHoldUnseenPolicies } from '../../../mesh/coverage.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import {
  actionOf,
  hasTargetRefs,
  isEnforced,
  rulesOf,
  selectorOf,
  type PolicyRule,
} from '../../../mesh/policy-rule.ts';
import { listAt, stringAt, type YamlPath } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'token-never-validated',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'an ALLOW policy that requires a token where no RequestAuthentication validates one',
  why: 'A request has a principal only after a RequestAuthentication has validated its token. Without one, a rule with `requestPrincipals` or with a condition on `request.auth` matches no request, and everything that only this rule would allow gets 403 `RBAC: access denied`. Only namespaces whose objects were read are judged; where the root namespace was not read, a RequestAuthentication for the whole mesh may be there, and the finding is an info.',
  fix: 'Add a RequestAuthentication with the issuer for the same pods.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/tasks/security/authorization/authz-jwt/',
    'https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source',
  ],
  *check(inventory) {
    const { rootNamespace } = inventory.settings;
    for (const resource of inventory.of('AuthorizationPolicy')) {
      const { namespace, hasNamespace } = resource;
      if (actionOf(resource) !== 'ALLOW' || !isEnforced(resource) || hasTargetRefs(resource)) continue;
      // A policy for the whole mesh is for pods of namespaces that nobody may have read.
      if (!hasNamespace || namespace === rootNamespace || isHidden(namespace, inventory)) continue;
      if (mayValidate(resource, namespace, inventory) || mayValidate(resource, rootNamespace, inventory))
        continue;
      const isRootRead = inventory.isRead(rootNamespace) && !isHidden(rootNamespace, inventory);
      for (const each of rulesOf(resource)) {
        const path = tokenField(each);
        if (path === undefined) continue;
        yield {
          resource,
          path,
          at: 'key',
          ...(!isRootRead && { severity: 'info' }),
          message: `No RequestAuthentication ${isRootRead ? '' : 'that was read '}validates tokens in ${namespace}, so no request has a principal and this rule allows nobody.`,
        };
      }
    }
  },
});

function isHidden(namespace: string, inventory: Inventory): boolean {
  return mayHoldUnseenPolicies(namespace, inventory);
}

/** Whether some RequestAuthentication may be for the pods of a policy: surely not only where both select by one label with
 *  different values. */
function mayValidate(policy: Resource, namespace: string, inventory: Inventory): boolean {
  const wanted = selectorOf(policy) ?? {};
  return inventory.inNamespace('RequestAuthentication', namespace).some((resource) => {
    if (hasTargetRefs(resource)) return true;
    const own = selectorOf(resource) ?? {};
    return !Object.entries(own).some(
      ([label, value]) => Object.hasOwn(wanted, label) && wanted[label] !== value,
    );
  });
}

/** Where a rule asks for a validated token, if every request that it matches needs one. */
function tokenField({ sources, conditions }: PolicyRule): YamlPath | undefined {
  for (const { path, value } of conditions)
    if ((stringAt(value, 'key') ?? '').startsWith('request.auth.') && listAt(value, 'values').length > 0)
      return [...path, 'key'];
  const [first] = sources;
  if (first === undefined || !sources.every(({ value }) => listAt(value, 'requestPrincipals').length > 0))
    return undefined;
  return [...first.path, 'requestPrincipals'];
}
