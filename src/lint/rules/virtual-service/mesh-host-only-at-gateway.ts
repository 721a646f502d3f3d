import { admits, serversOf } from '../../../mesh/gateway-servers.ts';
import { namespaceSpecs } from '../../facts/fleet-hosts.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import type { Service } from '../../../mesh/service.ts';
import { virtualServicesOf, type VirtualServiceView } from '../../../mesh/virtual-services.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'mesh-host-only-at-gateway',
  severity: 'info',
  kinds: ['VirtualService', 'Service'],
  summary: "a VirtualService for a service's own host that is bound to gateways but not to `mesh`",
  why: 'Calls inside the mesh use this host, but sidecars only use VirtualServices bound to `mesh`, which is the default without `gateways` but must be listed next to any gateway. Moving a VirtualService to a shared gateway therefore silently removes its retries, timeouts and weights from all calls between services.',
  fix: 'Add `mesh` to `gateways`, or remove the host.',
  equivalent: [],
  see: ['https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService'],
  *check(inventory) {
    const onMesh = new Set(
      virtualServicesOf(inventory)
        .filter(({ isOnMesh }) => isOnMesh)
        .flatMap(({ hosts }) => hosts.map(({ host }) => host)),
    );
    for (const view of virtualServicesOf(inventory)) {
      const { resource, hosts, isOnMesh, gateways } = view;
      if (isOnMesh || gateways.length === 0) continue;
      for (const { host, text, path } of hosts) {
        const service = inventory.serviceAt(host);
        if (service === undefined || onMesh.has(host) || isMeantThere(view, host, inventory)) continue;
        const callers = callersOf(service, inventory);
        yield {
          resource,
          path,
          severity: callers.length > 0 ? 'warning' : 'info',
          message:
            callers.length > 0
              ? `"${text}" is called inside the mesh by ${callers.join(', ')}, but these routes apply only to gateways.`
              : `"${text}" is a host for calls inside the mesh, but these routes apply only to gateways.`,
        };
      }
    }
  },
});

/** Whether a Gateway lists the name, as one for calls inside the cluster does. */
function isMeantThere(
  { gateways, resource }: VirtualServiceView,
  host: string,
  inventory: Inventory,
): boolean {
  return gateways.some(({ namespace, name, key }) => {
    const gateway = inventory.find('Gateway', namespace, name);
    if (gateway === undefined)
      return inventory.settings.gateways?.some((each) => each.gateway === key) !== true;
    return serversOf(gateway).some(
      (server) =>
        admits(server, host, resource.namespace) &&
        server.hosts.some(({ dns }) => dns !== '*' && host.endsWith(dns.replace('*', ''))),
    );
  });
}

function callersOf({ namespace, name }: Service, inventory: Inventory): readonly string[] {
  const declared = namespaceSpecs(inventory)
    .filter((spec) => spec.namespace === namespace)
    .flatMap((spec) => spec.services.filter((service) => service.name === name));
  const callers = declared.flatMap((service) =>
    service.callers.map((caller) => `${caller.namespace}/${caller.service ?? caller.serviceAccount ?? '*'}`),
  );
  return [...new Set(callers)].slice(0, 3);
}
