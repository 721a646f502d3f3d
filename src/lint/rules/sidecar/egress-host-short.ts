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
  summary: 'a Sidecar egress host that is a short name',
  why: 'Istio compares the part after the slash with full names and does not expand short ones. Its webhook rejects the Sidecar, and with it everything in the same apply. Without the webhook, `./reviews` matches no service: calls to it leave as unknown traffic in plaintext, which STRICT pods reset, and under REGISTRY_ONLY they fail with a 502.',
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
          message: `"${text}" matches nothing: Istio compares the short name "${dns}" with full names.`,
          ...(value !== undefined && {
            fix: `Use ${value}.`,
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
