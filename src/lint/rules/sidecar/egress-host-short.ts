import { egressHosts } from '../../../mesh/egress.ts';
import { serviceHost } from '../../../k8s/host.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { isDnsLabel } from '../../facts/syntax.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'egress-host-short',
  severity: 'error',
  kinds: ['Sidecar', 'Service', 'ServiceEntry'],
  summary: 'an egress host of a Sidecar that is a short name',
  why: 'The part behind the slash is compared with full names, and nothing completes it. The webhook of Istio refuses the Sidecar, and with it whatever is applied together with it; where no webhook looks, `./reviews` matches no service at all: calls to the service then leave as unknown traffic, in plain text, which STRICT pods reset; under REGISTRY_ONLY they end in 502.',
  fix: 'Write the full name: `./reviews.shop.svc.cluster.local`.',
  equivalent: ['IST0106', 'KIA1004'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener',
    'https://kiali.io/docs/features/validations/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('Sidecar')) {
      for (const { text, dns, namespace, path } of egressHosts(resource) ?? []) {
        if (!text.includes('/') || !isDnsLabel(dns) || hasPlaceholder(text)) continue;
        const own = namespace === '.' ? resource.namespace : namespace;
        const host = fullName(dns, own, inventory);
        const value = host === undefined ? undefined : text.slice(0, -dns.length) + host;
        yield {
          resource,
          path,
          message: `"${text}" matches nothing, since "${dns}" is compared with full names.`,
          ...(value !== undefined && {
            fix: `Write ${value}.`,
            edits: [{ op: 'set', path, value }],
          }),
        };
      }
    }
  },
});

/** The one service that a short name can mean. */
function fullName(name: string, namespace: string, inventory: Inventory): string | undefined {
  const { clusterDomain } = inventory.settings;
  if (namespace === '~') return undefined;
  if (namespace !== '*') return serviceHost(name, namespace, clusterDomain);
  const byName = inventory.once(hostsByName);
  const [host, ...others] = byName.get(name) ?? [];
  return others.length > 0 ? undefined : host;
}

function hostsByName(inventory: Inventory) {
  const found = new Map<string, string[]>();
  for (const service of inventory.services)
    found.set(service.name, [...(found.get(service.name) ?? []), service.host]);
  return found;
}
