import { egressHosts } from '../../../mesh/egress.ts';
import { covers, serviceInHost } from '../../../k8s/host.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { apiServerHost, isShortForm, registrationOf, servicesCovered } from '../../../mesh/registry.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'egress-host-unknown',
  severity: 'warning',
  kinds: ['Sidecar', 'Service', 'ServiceEntry'],
  summary: 'a Sidecar egress host that matches no service',
  why: 'The entry has no effect. If pods call the service it was meant for, those calls leave as unknown traffic: in plaintext, which STRICT pods reset, or not at all under REGISTRY_ONLY. The rule skips namespaces that were not read, or in which a Helm release or an operator may create more. For a name outside the cluster the severity is info, since its ServiceEntry may be elsewhere.',
  fix: 'Correct the namespace and the name, or remove the entry.',
  equivalent: ['KIA1004'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('Sidecar')) {
      for (const { text, dns, namespace, path, isExclusion } of egressHosts(resource) ?? []) {
        if (isExclusion || namespace === '~' || namespace === '' || hasPlaceholder(text)) continue;
        if (!dns.includes('.') || /^\*[^.]/.test(dns) || isShortForm(dns, inventory)) continue;
        const own = namespace === '.' ? resource.namespace : namespace;
        const elsewhere = own === '*' ? undefined : otherNamespace(dns, own, inventory);
        if (elsewhere !== undefined) {
          yield {
            resource,
            path,
            message: `"${text}" matches nothing: ${dns} is in the namespace ${elsewhere}, not ${own}.`,
          };
          continue;
        }
        const found = registrationOf(dns, resource, inventory);
        if (found === 'missing')
          yield { resource, path, message: `"${text}" matches no Service or ServiceEntry read here.` };
        else if (found === 'hidden')
          yield {
            resource,
            path,
            message: `"${text}" matches nothing, because the service is not exported to ${resource.namespace}.`,
          };
        else if (found === 'unlisted')
          yield {
            resource,
            path,
            severity: 'info',
            message: `No ServiceEntry read here has a host for "${text}"; without one, it matches nothing.`,
          };
      }
    }
  },
});

/** The namespace that a cluster-local name belongs to, if it is not the expected one. */
function otherNamespace(dns: string, namespace: string, inventory: Inventory): string | undefined {
  const { clusterDomain } = inventory.settings;
  if (!dns.endsWith(`.svc.${clusterDomain}`)) return undefined;
  const named = serviceInHost(dns.startsWith('*.') ? `x${dns.slice(1)}` : dns, clusterDomain);
  if (named === undefined || named.namespace === namespace) return undefined;
  // A ServiceEntry of that namespace may have any name.
  const isEntry = inventory.entriesCovering(dns).some((entry) => entry.namespace === namespace);
  const isKnown = servicesCovered(dns, inventory).length > 0 || covers(dns, apiServerHost(clusterDomain));
  return isEntry || !(isKnown || inventory.isRead(namespace)) ? undefined : named.namespace;
}
