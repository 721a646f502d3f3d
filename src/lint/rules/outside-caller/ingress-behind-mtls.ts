import { serviceHost } from '../../../k8s/host.ts';
import { ingressBackends, ingressClassOf, isCloudClass } from '../../../mesh/ingress.ts';
import { refusalAt } from '../../../mesh/plaintext.ts';
import { containerPort } from '../../../mesh/workload.ts';
import { describeResource } from '../../../model/resource.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'ingress-behind-mtls',
  severity: 'error',
  kinds: ['Ingress'],
  summary: 'an Ingress past the mesh to a Service whose sidecars refuse it',
  why: 'A cloud load balancer, and a controller without a sidecar, reach the pods in plain text: STRICT resets that, and an ALLOW by identity refuses it with 403. Health checks of the load balancer fail first, and then it answers 502 or 503 to everybody. Controllers in the cluster may have a sidecar, so for those it is information.',
  fix: 'Move the host to the mesh’s gateway before the namespace turns STRICT, and remove the Ingress.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/tasks/security/authentication/mtls-migration/',
    'https://kubernetes.io/docs/concepts/services-networking/ingress/',
  ],
  *check(inventory) {
    for (const resource of inventory.of('Ingress')) {
      const ingressClass = ingressClassOf(resource) ?? '';
      if (ingressClass.includes('istio')) continue;
      const told = new Set<string>();
      for (const { path, name, port } of ingressBackends(resource)) {
        const service = inventory.serviceAt(
          serviceHost(name, resource.namespace, inventory.settings.clusterDomain),
        );
        const wanted = service?.ports.find((each) => each.number === port || each.name === port);
        if (service === undefined || wanted === undefined || told.has(name)) continue;
        const refusal = refusalAt(
          inventory.workloadsOf(service),
          (workload) => containerPort(workload, wanted.targetPort),
          inventory,
        );
        if (refusal === undefined) continue;
        told.add(name);
        yield {
          resource,
          path,
          message: `The Ingress reaches ${name} in plain text, and ${describeResource(refusal.by)} makes its sidecars refuse that.`,
          ...(!isCloudClass(ingressClass) && { severity: 'info' }),
        };
      }
    }
  },
});
