import type { Inventory } from '../../../mesh/inventory.ts';
import { virtualServicesOf } from '../../../mesh/virtual-services.ts';
import { isKnownHost, registrationOf } from '../../../mesh/registry.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-host-unknown',
  severity: 'error',
  kinds: ['VirtualService', 'Service', 'ServiceEntry'],
  summary: 'a route of a VirtualService to a host that does not exist',
  why: 'A proxy that is told of a route to no service answers 503 (NC, no cluster); requests to a mirror vanish. A short name means a service in the namespace of the VirtualService, not in that of the caller or the gateway. Judged only where the Services of the namespace are in Git: one that a Helm release or an operator may bring is not called missing. A name outside of the cluster is judged only beside other ServiceEntries of the namespace, as a warning.',
  fix: 'Name a Service that exists, with its full name when it is in another namespace, or add the ServiceEntry.',
  equivalent: ['IST0101', 'KIA1101'],
  see: [
    'https://istio.io/latest/docs/reference/config/analysis/ist0101/',
    'https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination',
  ],
  *check(inventory) {
    for (const { resource, destinations } of virtualServicesOf(inventory))
      for (const { path, text, host, isMirror } of destinations) {
        const what = isMirror ? 'Mirrored requests' : 'The route';
        const verb = isMirror ? 'go' : 'goes';
        if (registrationOf(host, resource, inventory) === 'missing') {
          const meant = text === host ? '' : `, which means ${host}`;
          yield {
            resource,
            path,
            message: `${what} ${verb} to "${text}"${meant}, and there is no such Service.`,
          };
          continue;
        }
        const isOutside = host.includes('.') && !host.split('.').includes('svc') && !host.startsWith('*');
        if (!isOutside || isKnownHost(host, inventory) || isDotted(host, inventory)) continue;
        const { namespace } = resource;
        if (!resource.hasNamespace || inventory.inNamespace('ServiceEntry', namespace).length === 0) continue;
        yield {
          resource,
          path,
          severity: 'warning',
          message: `${what} ${verb} to "${text}", which no ServiceEntry declares.`,
        };
      }
  },
});

/** `svc.ns` has a rule of its own: half-qualified-host. */
function isDotted(host: string, inventory: Inventory): boolean {
  return isKnownHost(`${host}.svc.${inventory.settings.clusterDomain}`, inventory);
}
