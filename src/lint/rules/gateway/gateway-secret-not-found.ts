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
  summary: 'a Gateway whose certificate is not where its pods look for it',
  why: "The Secret of `credentialName` is read from the namespace that the gateway's pods run in, not from the Gateway's. Without it the TLS port does not open, and clients see the connection reset. Secrets are seldom in Git, so this is judged only where the pods' namespace is known and the Secret, or what makes it, is in Git for another namespace, or others are for this one.",
  fix: "Put the Secret, or the Certificate that makes it, in the namespace of the gateway's pods.",
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
      message: `The gateway's pods look for the Secret ${name} in ${pods}, and it is made in ${other.namespace}.`,
    };
  if (secretsIn(pods, inventory).size === 0) return undefined;
  return {
    severity: 'warning',
    message: `The gateway's pods look for the Secret ${name} in ${pods}, where Git has others, but not this one.`,
  };
}
