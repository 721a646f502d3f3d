import { isOfIstioItself } from '../../facts/mesh-use.ts';
import { injectionAsked } from '../../../mesh/injection.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import type { Workload } from '../../../mesh/workload.ts';
import { rule, type Finding } from '../../rule.ts';

const inject = 'sidecar.istio.io/inject';

export default rule({
  id: 'inject-label-without-effect',
  severity: 'warning',
  kinds: ['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod', 'Rollout', 'ReplicaSet'],
  summary: '`sidecar.istio.io/inject` where nothing reads it',
  why: 'The injector reads pod labels, so the label must be in the pod template: on the Deployment itself it has no effect. In a namespace with `istio-injection: disabled`, a pod can\'t opt in. As an annotation, "true" does not enable injection if the namespace does not. In all these cases the pods differ from what the manifest says, and nothing reports it.',
  fix: 'Set the label in the pod template (`spec.template.metadata.labels`), label the Namespace, or remove `istio-injection` from it.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy',
  ],
  *check(inventory) {
    for (const workload of inventory.workloads) {
      yield* onTheWrongObject(workload);
      yield* againstTheNamespace(workload, inventory);
    }
  },
});

function* onTheWrongObject(workload: Workload): Iterable<Finding> {
  const { resource, templatePath, labels, annotations } = workload;
  const said = resource.labels[inject];
  if (said === undefined || templatePath.length === 0 || isOfIstioItself(workload)) return;
  if (labels[inject] !== undefined || annotations[inject] !== undefined) return;
  yield {
    resource,
    path: ['metadata', 'labels', inject],
    at: 'key',
    message: `The label is on the ${resource.kind} ${resource.name} instead of its pod template, so the injector never sees it.`,
    fix: `Move it to ${templatePath.join('.')}.metadata.labels.`,
  };
}

function* againstTheNamespace(workload: Workload, inventory: Inventory): Iterable<Finding> {
  const { resource, templatePath, labels, annotations, namespace } = workload;
  const where = labels[inject] === undefined ? 'annotations' : 'labels';
  const said = labels[inject] ?? annotations[inject];
  const ofNamespace = inventory.namespaceLabels(namespace);
  if (said !== 'true' || ofNamespace === undefined) return;
  const legacy = ofNamespace['istio-injection'];
  const isRefused = legacy !== undefined && legacy !== 'enabled';
  const isUnheard =
    where === 'annotations' && injectionAsked(workload, inventory).isInjected === false && !isRefused;
  if (!isRefused && (!isUnheard || workload.hostNetwork)) return;
  if (isUnheard && (ofNamespace['istio.io/rev'] !== undefined || legacy !== undefined)) return;
  yield {
    resource,
    path: [...templatePath, 'metadata', where, inject],
    message: isRefused
      ? `The namespace ${namespace} has the label istio-injection: ${legacy}, so no pod in it can opt in.`
      : `As an annotation this does not enable injection, because the namespace ${namespace} does not enable it; only a label would.`,
  };
}
