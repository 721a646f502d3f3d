import { ingressBackends, ingressClassOf, isCloudClass } from '../../mesh/ingress.ts';
import { calleeAt, entranceCollector, evidenceAt, serviceNamed } from '../entrance.ts';

/** Backends of an Ingress that a cloud's load balancer serves. */
export default entranceCollector({
  way: 'ingress',
  *find(inventory) {
    for (const resource of inventory.of('Ingress')) {
      const { namespace } = resource;
      if (!isCloudClass(ingressClassOf(resource) ?? '')) continue;
      for (const { path, name, port } of ingressBackends(resource)) {
        const service = serviceNamed(namespace, name, inventory);
        if (service === undefined) continue;
        const number =
          typeof port === 'number' ? port : service.ports.find((each) => each.name === port)?.number;
        const to = calleeAt(namespace, name, number, inventory);
        if (to !== undefined)
          yield { from: { kind: 'outside' }, to, evidence: evidenceAt(resource, path, 'ingress') };
      }
    }
  },
});
