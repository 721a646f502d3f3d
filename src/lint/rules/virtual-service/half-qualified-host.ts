import { stringAt, type YamlPath } from '../../../model/json.ts';
import type { Resource } from '../../../model/resource.ts';
import { egressHosts } from '../../../mesh/egress.ts';
import { serviceHost, serviceInHost } from '../../../k8s/host.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { hasPlaceholder } from '../../../mesh/placeholder.ts';
import { virtualServicesOf } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'half-qualified-host',
  severity: 'error',
  kinds: ['VirtualService', 'DestinationRule', 'Sidecar', 'Service'],
  summary: 'a host written as `service.namespace`',
  why: 'Kubernetes DNS expands such a name, but Istio does not: it expands only names without a dot and takes all others literally. A route to it returns a 503, a DestinationRule or VirtualService for it applies to nothing, and a Sidecar that lists it imports nothing. No error is reported. A name that ends in `.svc` is always such a name; any other is reported only if the Service was read.',
  fix: 'Use the full name, `service.namespace.svc.cluster.local`.',
  equivalent: ['IST0101', 'IST0174', 'KIA1004'],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination',
    'https://istio.io/latest/docs/reference/config/networking/destination-rule/#DestinationRule',
    'https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener',
  ],
  *check(inventory) {
    for (const { resource, path, host, before } of namesIn(inventory)) {
      const full = fullName(host, inventory);
      if (full === undefined) continue;
      yield {
        resource,
        path,
        message: `Istio does not expand "${host}", so it does not refer to the Service ${full}.`,
        fix: `Use ${before}${full}.`,
        edits: [{ op: 'set', path, value: `${before}${full}` }],
      };
    }
  },
});

interface WrittenHost {
  readonly resource: Resource;
  readonly path: YamlPath;
  readonly host: string;
  /** What a Sidecar has before the name: `./` */
  readonly before: string;
}

function* namesIn(inventory: Inventory): Iterable<WrittenHost> {
  for (const { resource, hosts, destinations } of virtualServicesOf(inventory))
    for (const { path, text } of [...hosts, ...destinations])
      yield { resource, path, host: text, before: '' };
  for (const resource of inventory.of('DestinationRule')) {
    const host = stringAt(resource.spec, 'host') ?? '';
    if (!hasPlaceholder(host)) yield { resource, path: ['spec', 'host'], host, before: '' };
  }
  for (const resource of inventory.of('Sidecar'))
    for (const { path, text, dns } of egressHosts(resource) ?? [])
      if (!hasPlaceholder(text))
        yield { resource, path, host: dns, before: text.slice(0, text.length - dns.length) };
}

function fullName(host: string, inventory: Inventory): string | undefined {
  const { clusterDomain } = inventory.settings;
  if (!host.includes('.') || host.endsWith(`.svc.${clusterDomain}`)) return undefined;
  const named = serviceInHost(host, clusterDomain);
  if (named === undefined || inventory.entriesCovering(host).length > 0) return undefined;
  const full = serviceHost(named.service, named.namespace, clusterDomain);
  // `shop.dev` may be a name of the internet, `shop.dev.svc` can't.
  return host.endsWith('.svc') || inventory.serviceAt(full) !== undefined ? full : undefined;
}
