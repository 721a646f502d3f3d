import { serviceHost } from '../../mesh/host.ts';
import type { Inventory } from '../../mesh/inventory.ts';
import { refusalAt } from '../../mesh/plaintext.ts';
import { containerPort } from '../../mesh/workload.ts';
import { listAt, objectAt, stringAt, valueAt, type YamlPath } from '../../model/json.ts';
import { describeResource, type Resource } from '../../model/resource.ts';
import { rule, type Finding } from '../rule.ts';

export default rule({
  id: 'webhook-behind-mtls',
  severity: 'error',
  kinds: [
    'ValidatingWebhookConfiguration',
    'MutatingWebhookConfiguration',
    'APIService',
    'CustomResourceDefinition',
  ],
  summary: 'a webhook or API of the Kubernetes API server that stands behind a sidecar which refuses it',
  why: 'The API server has no certificate of the mesh: STRICT resets its calls, and an ALLOW by identity refuses them. Then every create or update that the webhook is asked about fails or is let through unchecked, maybe in all namespaces.',
  fix: 'Exclude the port with the pod annotation `traffic.sidecar.istio.io/excludeInboundPorts`, or make it PERMISSIVE under `portLevelMtls` and allow it.',
  equivalent: [],
  see: [
    'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/',
    'https://istio.io/latest/docs/reference/config/annotations/',
  ],
  *check(inventory) {
    for (const kind of ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'] as const)
      for (const resource of inventory.of(kind))
        for (const index of listAt(resource.value, 'webhooks').keys())
          yield* check(resource, ['webhooks', index, 'clientConfig', 'service'], inventory);
    for (const resource of inventory.of('APIService')) yield* check(resource, ['spec', 'service'], inventory);
    const conversion = ['spec', 'conversion', 'webhook', 'clientConfig', 'service'];
    for (const resource of inventory.of('CustomResourceDefinition'))
      yield* check(resource, conversion, inventory);
  },
});

function* check(resource: Resource, path: YamlPath, inventory: Inventory): Iterable<Finding> {
  const named = objectAt(resource.value, ...path);
  const { name, namespace } = named;
  if (typeof name !== 'string' || typeof namespace !== 'string') return;
  const service = inventory.serviceAt(serviceHost(name, namespace, inventory.settings.clusterDomain));
  const number = valueAt(named, 'port') ?? 443;
  const port = service?.ports.find((each) => each.number === number);
  if (service === undefined || port === undefined) return;
  const refusal = refusalAt(
    inventory.workloadsOf(service),
    (workload) => containerPort(workload, port.targetPort),
    inventory,
    stringAt(named, 'path'),
  );
  if (refusal === undefined) return;
  yield {
    resource,
    path: [...path, 'name'],
    message: `The API server calls ${namespace}/${name} without mTLS, and ${describeResource(refusal.by)} makes its sidecar refuse that.`,
    fix: `Annotate the pods of ${refusal.workload.name} with traffic.sidecar.istio.io/excludeInboundPorts: "${String(refusal.port)}".`,
  };
}
