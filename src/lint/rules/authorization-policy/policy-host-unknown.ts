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
  summary: 'an AuthorizationPolicy with a host in the cluster for which there is no Service',
  why: '`hosts` is compared with the Host header, and requests inside the mesh carry the name of a Service. A name without a Service matches nothing: an ALLOW denies, a DENY lets requests through. The rule skips names outside the cluster, which may come through a gateway, and namespaces that were not read, which may contain the Service.',
  fix: 'Use the Service name that callers use, with the port if it is not 80.',
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
