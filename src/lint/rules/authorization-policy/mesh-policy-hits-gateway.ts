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
  summary: 'a mesh-wide policy that also denies requests to the ingress gateway',
  why: 'Without a selector, a policy in the root namespace applies to every pod in the mesh, including the ingress gateway. Clients outside the mesh have no mesh certificate, so a deny-all, or an ALLOW by principal, denies all incoming requests with a 403 at the edge. A policy that allows requests to the gateway resolves this. If no gateway was read, such a policy may exist elsewhere, and the severity is info.',
  fix: 'Add an ALLOW policy for the gateway’s pods (a selector, and `rules: [{}]` or the hosts it serves).',
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
          : actionOf(resource) === 'DENY' && rules.some(deniesOutsiders);
      if (!isClosed) continue;
      yield {
        resource,
        path: ['metadata', 'name'],
        message: `The policy "${resource.name}" also applies to the ingress gateway, whose clients have no mesh identity.`,
        ...(accounts.length === 0 && { severity: 'info' }),
      };
    }
  },
});

/** Whether some policy allows requests without an identity to what may be a gateway. */
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

/** Whether a rule matches all callers except some principals, and so everyone outside the mesh. */
function deniesOutsiders({ sources, operations, conditions }: ReturnType<typeof rulesOf>[number]): boolean {
  if (operations.length + conditions.length > 0 || sources.length === 0) return false;
  return sources.some(({ value }) => {
    const fields = Object.keys(value).filter((field) => listAt(value, field).length > 0);
    return (
      fields.length > 0 && fields.every((field) => field === 'notPrincipals' || field === 'notNamespaces')
    );
  });
}
