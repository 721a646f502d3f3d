import { listAt, stringAt } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { podNamespacesOf } from '../../../mesh/gateway-pods.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { secretsIn, secretsNamed } from '../../../mesh/secrets.ts';
import { mayHoldUnseenPolicies } from '../../../mesh/coverage.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'gateway-secret-not-found',
  severity: 'error',
  kinds: ['Gateway', 'Secret', 'Certificate', 'ExternalSecret', 'SealedSecret', 'Ingress'],
  summary: 'a Gateway whose certificate is not in the namespace of its pods',
  why: "The gateway reads the Secret named in `credentialName` from the namespace of its pods, not from that of the Gateway object. Without it the TLS port does not open, and clients see a connection reset. Secrets are seldom in Git, so the rule checks only Gateways whose pods' namespace is known. It reports a Secret that is created in another namespace instead, or one that is missing where Git has others for the namespace.",
  fix: "Create the Secret, or the Certificate that issues it, in the namespace of the gateway's pods.",
  equivalent: ['IST0101'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/gateway/#ServerTLSSettings',
    'https://istio.io/latest/docs/tasks/traffic-management/ingress/secure-ingress/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('Gateway'))
      for (const [index, server] of listAt(resource.spec, 'servers').entries()) {
        const name = stringAt(server, 'tls', 'credentialName') ?? '';
        // `kubernetes://other` and the like are read elsewhere.
        if (name === '' || name.includes(':') || name.includes('/') || hasPlaceholder(name)) continue;
        const missing = describeMissing(name, resource, inventory);
        if (missing === undefined) continue;
        yield { resource, path: ['spec', 'servers', index, 'tls', 'credentialName'], ...missing };
      }
  },
});

function describeMissing(
  name: string,
  gateway: Resource,
  inventory: Inventory,
): { readonly message: string; readonly severity?: 'warning' } | undefined {
  const [pods, ...more] = [...podNamespacesOf(gateway, inventory)];
  if (pods === undefined || more.length > 0) return undefined;
  if (secretsIn(pods, inventory).has(name) || mayHoldUnseenPolicies(pods, inventory)) return undefined;
  const elsewhere = secretsNamed(name, inventory);
  if (elsewhere.some(({ isCopied, hasNamespace }) => isCopied || !hasNamespace)) return undefined;
  const [other] = elsewhere;
  if (other !== undefined)
    return {
      message: `The gateway's pods look for the Secret ${name} in ${pods}, but it is created in ${other.namespace}.`,
    };
  if (secretsIn(pods, inventory).size === 0) return undefined;
  return {
    severity: 'warning',
    message: `The gateway's pods look for the Secret ${name} in ${pods}; Git has other Secrets for that namespace, but not this one.`,
  };
}
