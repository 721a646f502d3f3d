import { keyOf } from '../../../model/key-of.ts';
import { namespaceSpecs } from '../../facts/fleet-hosts.ts';
import { virtualServicesOf } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'virtual-service-not-on-shared-gateway',
  severity: 'warning',
  kinds: ['VirtualService'],
  summary: 'a VirtualService with a host that the fleet declares, and not on the shared gateway',
  why: 'The fleet file says that the host is reached through the shared gateway. Without a binding the gateway answers 404 for it, and the host works only as long as the old way in is there. Not said of namespaces that are still outside of the mesh.',
  fix: 'Add the shared gateway to `gateways`, beside those that are there.',
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
          message: `The fleet declares "${text}" for ${resource.namespace}, and no VirtualService of it is on ${[...shared].join(', ')}.`,
        };
      }
  },
});
