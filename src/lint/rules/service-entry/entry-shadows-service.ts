import { describeResource } from '../../../model/resource.ts';
import { isExportedTo } from '../../../k8s/host.ts';
import { servicesCovered } from '../../../mesh/registry.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'entry-shadows-service',
  severity: 'warning',
  kinds: ['ServiceEntry', 'Service'],
  summary: 'a ServiceEntry with the host of a Service in the cluster',
  why: 'Both claim the same host, and which one a proxy uses depends on its namespace, its Sidecar and the Istio version. Calls from some proxies reach the pods; calls from others reach the endpoints of the ServiceEntry, without mTLS if it is external.',
  fix: 'Use a different host, or remove the ServiceEntry: Istio’s registry already contains every Service.',
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
          message: `${describeResource(service.resource)} already has the host ${service.host}.`,
        };
      }
  },
});
