import type { Resource } from '../../../model/resource.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { rule } from '../../rule.ts';

const labels = ['istio-injection', 'istio.io/rev', 'istio.io/dataplane-mode'];

/** Names of environments: files for different environments do not apply to the same cluster. */
const environments =
  /^(dev|devel|development|test|testing|qa|uat|int|integration|lab|sandbox|stage|staging|preprod|pre-prod|prod|production)$/;

export default rule({
  id: 'namespace-managed-twice',
  severity: 'warning',
  kinds: ['Namespace'],
  summary: 'a Namespace that is defined twice with different injection labels',
  why: 'If two Flux Kustomizations apply the same Namespace, each removes labels that only the other one sets, because both use the same field manager: the label comes and goes with every reconciliation. Pods that start at the wrong moment get no sidecar. The rule needs Flux objects or a fleet file. It does not compare files for different environments or in alternative folders.',
  fix: 'Keep one definition of the Namespace and remove the other in the same commit.',
  equivalent: [],
  see: [
    'https://fluxcd.io/flux/components/kustomize/kustomizations/',
    'https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/',
  ],
  *check(inventory) {
    if (inventory.of('FluxKustomization').length === 0 && inventory.fleet === undefined) return;
    const seen = new Map<string, Resource>();
    for (const resource of inventory.of('Namespace')) {
      const first = seen.get(resource.name);
      if (first === undefined) {
        seen.set(resource.name, resource);
        continue;
      }
      const label = labels.find((each) => first.labels[each] !== resource.labels[each]);
      if (label === undefined) continue;
      const [one, other] = [first, resource].map((each) => each.rangeOf(['metadata', 'labels']).file);
      if (one === undefined || other === undefined || !areTogether(one, other, inventory)) continue;
      const [here, there] = [resource, first].map(({ labels: { [label]: value } }) =>
        value === undefined ? 'no value' : `"${value}"`,
      );
      yield {
        resource,
        path: resource.labels[label] === undefined ? ['metadata', 'name'] : ['metadata', 'labels', label],
        message: `The namespace ${resource.name} has ${here ?? ''} for ${label} here, but ${there ?? ''} in ${one}.`,
      };
    }
  },
});

/** Whether two files can be applied to the same cluster. */
function areTogether(one: string, other: string, inventory: Inventory): boolean {
  if (one === other) return false;
  const [first, second] = [one.split('/').slice(0, -1), other.split('/').slice(0, -1)];
  const words = new Set((inventory.fleet?.fleet.environments ?? []).map(({ name }) => name));
  const environmentsOf = (parts: readonly string[]) =>
    parts.filter((part) => words.has(part) || environments.test(part)).join('/');
  if (environmentsOf(first) !== environmentsOf(second)) return false;
  // `clusters/a/ns.yaml` and `clusters/b/ns.yaml` are alternatives.
  const differing = first.filter((part, index) => part !== second[index]);
  return !(first.length === second.length && differing.length === 1 && baseName(one) === baseName(other));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
