import { actionOf, hasTargetRefs, isEnforced, rulesOf, selectorOf } from '../../../mesh/policy-rule.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'dry-run-beside-deny-all',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'an enforced deny-all next to ALLOW policies that are all in dry-run',
  why: 'Policies in dry-run only count and log; they allow nothing. A deny-all that is not in dry-run then denies every call to the namespace with a 403: the trial becomes an outage.',
  fix: 'Put the deny-all in dry-run too, or enforce the ALLOW policies first.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      const { namespace } = resource;
      if (actionOf(resource) !== 'ALLOW' || !isEnforced(resource) || hasTargetRefs(resource)) continue;
      if (rulesOf(resource).length > 0 || selectorOf(resource) !== undefined) continue;
      const inForce = (policies: typeof others) => policies.some((each) => isEnforced(each));
      const allowing = (where: string) =>
        inventory
          .inNamespace('AuthorizationPolicy', where)
          .filter((each) => actionOf(each) === 'ALLOW' && rulesOf(each).length > 0);
      const others = allowing(namespace);
      if (others.length === 0 || inForce(others) || inForce(allowing(inventory.settings.rootNamespace)))
        continue;
      yield {
        resource,
        path: ['metadata', 'name'],
        message: `"${resource.name}" is enforced, but ${others
          .slice(0, 3)
          .map(({ name }) => name)
          .join(', ')} ${others.length === 1 ? 'is' : 'are'} in dry-run: every call is denied.`,
      };
    }
  },
});
