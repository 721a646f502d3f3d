import { describeResource } from '../../../model/resource.ts';
import { isExportedTo } from '../../../k8s/host.ts';
import { servicesCovered } from '../../../mesh/registry.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'entry-shadows-service',
  severity: 'warning',
  kinds: ['ServiceEntry', 'Service'],
  summary: 'a ServiceEntry with the name of a Service of the cluster',
  why: 'Both claim the same name, and which one a proxy uses depends on its namespace, its Sidecar and the release of Istio: calls reach the pods for some, and the endpoints of the entry, without mTLS if it is external, for others.',
  fix: 'Give the entry a name of its own, or remove it: Services are in the registry already.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/reference/config/networking/service-entry/',
    'https://istio.io/latest/docs/concepts/traffic-management/#service-entries',
  ],
  *check(inventory) {
    for (const { resource, hosts, namespace, exportTo } of inventory.serviceEntries)
      for (const [index, host] of hosts.entries()) {
        if (host === '*') continue;
        const service = servicesCovered(host, inventory).find(
          (each) => each.externalName === undefined && isExportedTo(exportTo, namespace, each.namespace),
        );
        if (service === undefined) continue;
        yield {
          resource,
          path: ['spec', 'hosts', index],
          message: `${describeResource(service.resource)} has the name ${service.host} already.`,
        };
      }
  },
});
