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
  summary: 'an egress host of a Sidecar that matches no service',
  why: 'The entry takes nothing in. If it was meant for a service that pods call, those calls leave as unknown traffic: in plain text, which STRICT pods reset, or not at all under REGISTRY_ONLY. Namespaces that were not read, or that a Helm release or an operator fills, are left alone; a name outside the cluster is only worth knowing, since its ServiceEntry may live elsewhere.',
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
        const elsewhere = own === '*' ? undefined : placeOutside(dns, own, inventory);
        if (elsewhere !== undefined) {
          yield {
            resource,
            path,
            message: `"${text}" matches nothing: it wants ${dns} in ${own}, and that name is of ${elsewhere}.`,
          };
          continue;
        }
        const found = registrationOf(dns, resource, inventory);
        if (found === 'missing')
          yield { resource, path, message: `"${text}" matches no Service or ServiceEntry that was read.` };
        else if (found === 'hidden')
          yield {
            resource,
            path,
            message: `"${text}" matches nothing, since the service is not exported to ${resource.namespace}.`,
          };
        else if (found === 'unlisted')
          yield {
            resource,
            path,
            severity: 'info',
            message: `No ServiceEntry that was read has a host for "${text}"; without one it matches nothing.`,
          };
      }
    }
  },
});

/** The namespace that a name of the cluster is of, when it is not the one that was asked for. */
function placeOutside(dns: string, namespace: string, inventory: Inventory): string | undefined {
  const { clusterDomain } = inventory.settings;
  if (!dns.endsWith(`.svc.${clusterDomain}`)) return undefined;
  const place = serviceInHost(dns.startsWith('*.') ? `x${dns.slice(1)}` : dns, clusterDomain);
  if (place === undefined || place.namespace === namespace) return undefined;
  // A ServiceEntry of that namespace may have any name.
  const isEntry = inventory.entriesCovering(dns).some((entry) => entry.namespace === namespace);
  const isKnown = servicesCovered(dns, inventory).length > 0 || covers(dns, apiServerHost(clusterDomain));
  return isEntry || !(isKnown || inventory.isRead(namespace)) ? undefined : place.namespace;
}
