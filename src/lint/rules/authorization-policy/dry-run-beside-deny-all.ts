import { actionOf, hasTargetRefs, isEnforced, rulesOf, selectorOf } from '../../../mesh/policy-rule.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'dry-run-beside-deny-all',
  severity: 'error',
  kinds: ['AuthorizationPolicy'],
  summary: 'a deny-all in force whose ALLOW policies are all in dry-run',
  why: 'Policies in dry-run count and log, and allow nothing. A deny-all beside them that is not in dry-run refuses every call to the namespace with 403: the trial is an outage.',
  fix: 'Put the deny-all in dry-run as well, or take the others out of it first.',
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
        message: `"${resource.name}" is in force, and ${others
          .slice(0, 3)
          .map(({ name }) => name)
          .join(', ')} only in dry-run: every call is refused.`,
      };
    }
  },
});
