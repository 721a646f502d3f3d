import { apiServerCalls } from '../../../mesh/api-server-calls.ts';
import { serviceHost } from '../../../k8s/host.ts';
import { refusalAt } from '../../../mesh/plaintext.ts';
import { containerPort } from '../../../mesh/workload.ts';
import { describeResource } from '../../../model/resource.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'webhook-behind-mtls',
  severity: 'error',
  kinds: [
    'ValidatingWebhookConfiguration',
    'MutatingWebhookConfiguration',
    'APIService',
    'CustomResourceDefinition',
  ],
  summary: 'a webhook or aggregated API behind a sidecar that rejects the Kubernetes API server',
  why: 'The API server has no mesh certificate: STRICT resets its calls, and an ALLOW policy by identity denies them. Every create or update that the webhook covers then fails or goes through unchecked, possibly in all namespaces.',
  fix: 'Exclude the port with the pod annotation `traffic.sidecar.istio.io/excludeInboundPorts`, or make it PERMISSIVE under `portLevelMtls` and allow it.',
  equivalent: [],
  see: [
    'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/',
    'https://istio.io/latest/docs/reference/config/annotations/',
  ],
  *check(inventory) {
    for (const { resource, path, name, namespace, port: number, url } of apiServerCalls(inventory)) {
      const service = inventory.serviceAt(serviceHost(name, namespace, inventory.settings.clusterDomain));
      const port = service?.ports.find((each) => each.number === number);
      if (service === undefined || port === undefined) continue;
      const refusal = refusalAt(
        inventory.workloadsOf(service),
        (workload) => containerPort(workload, port.targetPort),
        inventory,
        url,
      );
      if (refusal === undefined) continue;
      yield {
        resource,
        path,
        message: `The API server calls ${namespace}/${name} without mTLS, but ${describeResource(refusal.by)} makes its sidecar reject that.`,
        fix: `Annotate the pods of ${refusal.workload.name} with traffic.sidecar.istio.io/excludeInboundPorts: "${String(refusal.port)}".`,
      };
    }
  },
});
