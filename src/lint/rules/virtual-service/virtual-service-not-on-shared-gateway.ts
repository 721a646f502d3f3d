import { keyOf } from '../../../model/key-of.ts';
import { namespaceSpecs } from '../../facts/fleet-hosts.ts';
import { virtualServicesOf } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'virtual-service-not-on-shared-gateway',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'a VirtualService that is not on the shared gateway although the fleet file declares its host',
  why: 'According to the fleet file, the host is served by the shared gateway. Without the binding the gateway returns a 404 for it, and the host works only as long as the old ingress exists. Namespaces that are still outside the mesh are not reported.',
  fix: 'Add the shared gateway to `gateways`, and keep the existing ones.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService'],
  *check(inventory) {
    const shared = new Set((inventory.settings.gateways ?? []).map(({ gateway }) => gateway));
    if (inventory.fleet === undefined || shared.size === 0) return;
    const wanted = new Set<string>();
    for (const { namespace, stage, services } of namespaceSpecs(inventory))
      if (stage !== 'outside')
        for (const host of services.flatMap((service) => service.hosts))
          wanted.add(keyOf(namespace, host.toLowerCase()));
    const views = virtualServicesOf(inventory);
    const served = new Set(
      views
        .filter(({ gateways }) => gateways.some(({ key }) => shared.has(key)))
        .flatMap(({ resource, hosts }) => hosts.map(({ host }) => keyOf(resource.namespace, host))),
    );
    for (const { resource, hosts } of views)
      for (const { host, text, path } of hosts) {
        const key = keyOf(resource.namespace, host);
        if (!wanted.has(key) || served.has(key)) continue;
        yield {
          resource,
          path,
          message: `The fleet file declares "${text}" for ${resource.namespace}, but no VirtualService read for it is bound to ${[...shared].join(', ')}.`,
        };
      }
  },
});
