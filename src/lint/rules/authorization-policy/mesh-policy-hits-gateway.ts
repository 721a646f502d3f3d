import { listAt } from '../../../model/json.ts';
import { gatewayAccounts } from '../../../mesh/gateway-account.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import {
  actionOf,
  hasTargetRefs,
  isEnforced,
  needsIdentity,
  rulesOf,
  selectorOf,
} from '../../../mesh/policy-rule.ts';
import type { Resource } from '../../../model/resource.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'mesh-policy-hits-gateway',
  severity: 'warning',
  kinds: ['AuthorizationPolicy'],
  summary: 'a policy for the whole mesh that the ingress gateway’s own callers can’t satisfy',
  why: 'Without a selector, a policy of the root namespace is for every pod of the mesh, the ingress gateway among them. Who calls the gateway from outside has no certificate of the mesh, so a deny-all, or an ALLOW by principal, refuses everything that comes in: 403 at the edge. A policy for the gateway that lets requests in settles it; where no gateway was read it may be elsewhere, and this is information.',
  fix: 'Add an ALLOW for the gateway’s pods beside it (a selector, and `rules: [{}]` or the hosts it serves).',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/reference/config/security/authorization-policy/',
    'https://istio.io/latest/docs/tasks/security/authorization/authz-ingress/',
  ],
  *check(inventory) {
    const { rootNamespace } = inventory.settings;
    const accounts = gatewayAccounts(inventory);
    for (const resource of inventory.inNamespace('AuthorizationPolicy', rootNamespace)) {
      if (!isEnforced(resource) || selectorOf(resource) !== undefined || hasTargetRefs(resource)) continue;
      const rules = rulesOf(resource);
      const isClosed =
        actionOf(resource) === 'ALLOW'
          ? rules.every(needsIdentity) &&
            !isOpened(
              inventory,
              accounts.map(({ namespace }) => namespace),
            )
          : actionOf(resource) === 'DENY' && rules.some(deniesStrangers);
      if (!isClosed) continue;
      yield {
        resource,
        path: ['metadata', 'name'],
        message: `The policy "${resource.name}" is for the ingress gateway as well, whose callers have no identity in the mesh.`,
        ...(accounts.length === 0 && { severity: 'info' }),
      };
    }
  },
});

/** Whether some policy lets requests without identity into what may be a gateway. */
function isOpened(inventory: Inventory, namespaces: readonly string[]): boolean {
  const { rootNamespace } = inventory.settings;
  const lets = (policy: Resource) =>
    actionOf(policy) === 'ALLOW' &&
    isEnforced(policy) &&
    rulesOf(policy).some((each) => !needsIdentity(each));
  const ofGateway = (policy: Resource) => {
    const labels = Object.values(selectorOf(policy) ?? {});
    return labels.some((label) => /gateway|ingress/.test(label)) || hasTargetRefs(policy);
  };
  return inventory
    .of('AuthorizationPolicy')
    .some(
      (policy) =>
        lets(policy) &&
        (ofGateway(policy) || policy.namespace === rootNamespace || namespaces.includes(policy.namespace)),
    );
}

/** Whether a rule matches whoever is not one of some principals, and so everyone outside the mesh. */
function deniesStrangers({ sources, operations, conditions }: ReturnType<typeof rulesOf>[number]): boolean {
  if (operations.length + conditions.length > 0 || sources.length === 0) return false;
  return sources.some(({ value }) => {
    const fields = Object.keys(value).filter((field) => listAt(value, field).length > 0);
    return (
      fields.length > 0 && fields.every((field) => field === 'notPrincipals' || field === 'notNamespaces')
    );
  });
}
