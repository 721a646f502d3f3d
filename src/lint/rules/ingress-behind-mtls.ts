import { serviceHost } from '../../mesh/host.ts';
import { refusalAt } from '../../mesh/plaintext.ts';
import { containerPort } from '../../mesh/workload.ts';
import { listAt, objectAt, stringAt, valueAt, type YamlPath } from '../../model/json.ts';
import { describeResource, type Resource } from '../../model/resource.ts';
import { rule } from '../rule.ts';

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
      const ingressClass =
        stringAt(resource.spec, 'ingressClassName') ??
        resource.annotations['kubernetes.io/ingress.class'] ??
        '';
      if (ingressClass.includes('istio')) continue;
      const told = new Set<string>();
      for (const { path, name, port } of backendsOf(resource)) {
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
          ...(!/^(alb|gce|azure)/.test(ingressClass) && { severity: 'info' }),
        };
      }
    }
  },
});

function backendsOf({ spec }: Resource) {
  const found: { readonly path: YamlPath; readonly name: string; readonly port: unknown }[] = [];
  const add = (path: YamlPath) => {
    const backend = objectAt(spec, ...path.slice(1), 'service');
    const name = stringAt(backend, 'name');
    const port = valueAt(backend, 'port', 'number') ?? valueAt(backend, 'port', 'name');
    if (name !== undefined) found.push({ path: [...path, 'service', 'name'], name, port });
  };
  add(['spec', 'defaultBackend']);
  for (const [at, each] of listAt(spec, 'rules').entries())
    for (const index of listAt(each, 'http', 'paths').keys())
      add(['spec', 'rules', at, 'http', 'paths', index, 'backend']);
  return found;
}
