import { injectsEverywhere } from '../../../mesh/control-plane.ts';
import { describeResource } from '../../../model/resource.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'namespace-injected-by-default',
  severity: 'info',
  kinds: ['Namespace'],
  summary: 'a Namespace without an injection label in a mesh that injects by default',
  why: "With `enableNamespacesByDefault`, Istio injects every namespace that has no label, so pods get sidecars that their manifests do not mention. Namespaces can't move one by one this way, and nobody reading the Namespace can see that it is in the mesh.",
  fix: 'Label the Namespace with `istio.io/rev`, or with `istio-injection: disabled` to keep it out of the mesh.',
  equivalent: ['IST0148'],
  see: ['https://istio.io/latest/docs/reference/config/analysis/ist0148/'],
  *check(inventory) {
    const by = injectsEverywhere(inventory);
    if (by === undefined) return;
    for (const resource of inventory.of('Namespace')) {
      const { name, labels } = resource;
      if (name === inventory.settings.rootNamespace || name.startsWith('kube-')) continue;
      const labelled = ['istio-injection', 'istio.io/rev', 'istio.io/dataplane-mode'];
      if (labelled.some((label) => Object.hasOwn(labels, label))) continue;
      yield {
        resource,
        path: ['metadata', 'name'],
        message: `Pods in ${name} get sidecars only because ${describeResource(by)} sets "enableNamespacesByDefault".`,
      };
    }
  },
});
