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
  summary: 'an Ingress that bypasses the mesh gateway to a Service whose sidecars reject it',
  why: 'A cloud load balancer, or a controller without a sidecar, connects to the pods in plaintext: STRICT resets the connection, and an ALLOW policy by identity denies it with a 403. First the load balancer’s health checks fail, then it returns 502 or 503 to everybody. Controllers in the cluster may have a sidecar, so for those the severity is info.',
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
      const reported = new Set<string>();
      for (const { path, name, port } of ingressBackends(resource)) {
        const service = inventory.serviceAt(
          serviceHost(name, resource.namespace, inventory.settings.clusterDomain),
        );
        const wanted = service?.ports.find((each) => each.number === port || each.name === port);
        if (service === undefined || wanted === undefined || reported.has(name)) continue;
        const refusal = refusalAt(
          inventory.workloadsOf(service),
          (workload) => containerPort(workload, wanted.targetPort),
          inventory,
        );
        if (refusal === undefined) continue;
        reported.add(name);
        yield {
          resource,
          path,
          message: `The Ingress sends plaintext to ${name}, but ${describeResource(refusal.by)} makes its sidecars reject that.`,
          ...(!isCloudClass(ingressClass) && { severity: 'info' }),
        };
      }
    }
  },
});
