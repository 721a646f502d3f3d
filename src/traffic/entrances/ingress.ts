import { ingressBackends, pathOf } from '../../mesh/ingress.ts';
import { controllersOf } from '../../mesh/ingress-controller.ts';
import { calleeAt, entranceCollector, evidenceAt } from '../entrance.ts';
import { callerOfController } from '../ways.ts';

/** Backends of Ingresses of every class: a cloud's load balancer, a controller in the cluster with a sidecar or without, the
 *  mesh's own gateway. Of a class that nothing defines the sender is unknown.
 *  @see https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class */
export default entranceCollector({
  way: 'ingress',
  *find(inventory) {
    for (const resource of inventory.of('Ingress')) {
      const controllers = controllersOf(resource, inventory);
      for (const backend of ingressBackends(resource)) {
        const to = calleeAt(resource.namespace, backend.name, backend.port, inventory);
        if (to === undefined) continue;
        const path = pathOf(resource, backend);
        for (const controller of controllers)
          yield {
            from: callerOfController(controller, inventory),
            to,
            ...(path !== undefined && { path }),
            evidence: evidenceAt(resource, backend.path, 'ingress'),
          };
      }
    }
  },
});
