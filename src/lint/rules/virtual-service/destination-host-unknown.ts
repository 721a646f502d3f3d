import type { Inventory } from '../../../mesh/inventory.ts';
import { virtualServicesOf } from '../../../mesh/virtual-services.ts';
import { isKnownHost, registrationOf } from '../../../mesh/registry.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'destination-host-unknown',
  severity: 'error',
  kinds: ['VirtualService', 'Service', 'ServiceEntry'],
  summary: 'a VirtualService route to a host that does not exist',
  why: 'For a route to a missing service, the proxy returns a 503 (NC, no cluster); mirrored requests are lost. A short name refers to a service in the namespace of the VirtualService, not in that of the caller or the gateway. The rule checks only namespaces whose Services are in Git, and does not report a Service that a Helm release or an operator may create. For a name outside the cluster, it warns only if the namespace has other ServiceEntries.',
  fix: 'Use an existing Service, with its full name if it is in another namespace, or add the ServiceEntry.',
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
            message: `${what} ${verb} to "${text}"${meant}, but no such Service was read.`,
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
          message: `${what} ${verb} to "${text}", for which no ServiceEntry was read.`,
        };
      }
  },
});

/** half-qualified-host reports `svc.ns`. */
function isDotted(host: string, inventory: Inventory): boolean {
  return isKnownHost(`${host}.svc.${inventory.settings.clusterDomain}`, inventory);
}
