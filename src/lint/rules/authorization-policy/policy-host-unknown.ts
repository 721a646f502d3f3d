import { serviceInHost } from '../../../k8s/host.ts';
import { isIngressGateway } from '../../../mesh/gateway-account.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { rulesOf, selectorOf, valuesIn } from '../../../mesh/policy-rule.ts';
import { knowsPodsOf } from '../../../mesh/coverage.ts';
import { workloadsUnder } from '../../../mesh/policy-scope.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'policy-host-unknown',
  severity: 'warning',
  kinds: ['AuthorizationPolicy', 'Service'],
  summary: 'an AuthorizationPolicy about a name of the cluster that no Service has',
  why: '`hosts` is compared with the Host header, and requests inside the mesh carry the name of a Service. A name that no Service has matches nothing: an ALLOW refuses, a DENY lets through. Names outside the cluster may come through a gateway, and namespaces that were not read may hold the Service: nothing is said of both.',
  fix: 'Write a name of the Service that callers use, with its port when it is not 80.',
  equivalent: ['KIA0104'],
  see: ['https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation'],
  *check(inventory) {
    for (const resource of inventory.of('AuthorizationPolicy')) {
      if (selectorOf(resource)?.istio !== undefined) continue;
      if (workloadsUnder(resource, inventory).some(isIngressGateway)) continue;
      for (const { operations } of rulesOf(resource))
        for (const { path, text } of valuesIn(operations, 'hosts', 'notHosts')) {
          const [host = ''] = text.toLowerCase().split(':');
          const missing = missingService(host, inventory);
          if (missing !== undefined)
            yield {
              resource,
              path,
              message: `No Service "${missing.service}" was read in the namespace ${missing.namespace}.`,
            };
        }
    }
  },
});

function missingService(host: string, inventory: Inventory) {
  const { clusterDomain } = inventory.settings;
  if (host.includes('*') || !/\.svc(\.|$)/.test(host)) return undefined;
  const named = serviceInHost(host, clusterDomain);
  if (named === undefined || !knowsPodsOf(named.namespace, inventory)) return undefined;
  const full = `${named.service}.${named.namespace}.svc.${clusterDomain}`;
  if (inventory.serviceAt(full) !== undefined || inventory.entriesCovering(full).length > 0) return undefined;
  return named;
}
