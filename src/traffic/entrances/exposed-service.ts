import { listAt } from '../../model/json.ts';
import type { Entrance } from '../../model/traffic.ts';
import { gatewayServices } from '../gateway-services.ts';
import { entranceCollector, evidenceAt } from '../entrance.ts';
import { portsOf } from '../ways.ts';

/** Services that anyone outside the cluster reaches by a load balancer, a port of every node, or an address of their own.
 *  Those of gateways are left out: what gets in there, the gateway's routes say.
 *  @see https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types */
export default entranceCollector({
  way: 'exposed-service',
  *find(inventory) {
    const gateways = gatewayServices(inventory);
    for (const service of inventory.services) {
      const { resource, namespace, name } = service;
      const { type } = resource.spec;
      const isPublished = type === 'LoadBalancer' || type === 'NodePort';
      const hasAddress = listAt(resource.spec, 'externalIPs').length > 0;
      if ((!isPublished && !hasAddress) || gateways.has(service)) continue;
      const path = ['spec', isPublished ? 'type' : 'externalIPs'];
      for (const { number } of portsOf(service))
        yield {
          from: { kind: 'outside' },
          to: { kind: 'service', namespace, name, port: number },
          evidence: evidenceAt(resource, path, 'exposed-service'),
        } satisfies Entrance;
    }
  },
});
