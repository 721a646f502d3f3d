import { isDryRun } from '../../../k8s/istio-boolean.ts';
import type { NamespaceSpec, Stage } from '../../../model/fleet.ts';
import { stringAt } from '../../../model/json.ts';
import { agreed, fleetSpecs } from '../../facts/fleet-specs.ts';
import type { Inventory } from '../../../mesh/inventory.ts';
import { asksForSidecars } from '../../facts/mesh-use.ts';
import { rule, type Finding } from '../../rule.ts';

/** Policies that a bundle adds besides those named after services. */
const ofBundle: ReadonlySet<string> = new Set(['deny-all', 'allow-ingress-gateway', 'allow-health-checks']);

export default rule({
  id: 'stage-differs-from-fleet',
  severity: 'warning',
  kinds: ['Namespace', 'AuthorizationPolicy', 'Sidecar'],
  summary: 'a namespace whose files do not match its stage in the fleet file',
  why: 'Waves and gates rely on the stage in the fleet file. If the files are ahead of it, policies deny callers that nobody has checked yet; if they are behind, a namespace counts as protected but is not. For a namespace that still lacks its label, the severity is info: its pull request may be open.',
  fix: 'Correct `stage` in the fleet file, or open the namespace’s pull request.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/tasks/security/authorization/authz-dry-run/',
    'https://istio.io/latest/docs/reference/config/networking/sidecar/#OutboundTrafficPolicy-Mode',
  ],
  *check(inventory) {
    for (const [namespace, specs] of fleetSpecs(inventory)) {
      const stage = agreed(specs, (spec) => spec.stage);
      if (stage === undefined) continue;
      yield* ofLabel(namespace, stage, inventory);
      if (stage === 'outside') continue;
      yield* ofPolicies(namespace, stage, specs, inventory);
      yield* ofSidecar(namespace, stage, inventory);
    }
  },
});

function* ofLabel(namespace: string, stage: Stage, inventory: Inventory): Iterable<Finding> {
  const resource = inventory.namespace(namespace);
  const asks = asksForSidecars(inventory, namespace);
  if (resource === undefined || asks === undefined || asks === (stage !== 'outside')) return;
  const label = resource.labels['istio-injection'] === undefined ? 'istio.io/rev' : 'istio-injection';
  yield asks
    ? {
        resource,
        path: ['metadata', 'labels', label],
        at: 'key',
        message: `The namespace ${namespace} enables injection, but the fleet file declares it outside the mesh.`,
      }
    : {
        resource,
        path: ['metadata', 'name'],
        severity: 'info',
        message: `The namespace ${namespace} does not enable injection, but its stage in the fleet file is ${stage}.`,
      };
}

function* ofPolicies(
  namespace: string,
  stage: Stage,
  specs: readonly NamespaceSpec[],
  inventory: Inventory,
): Iterable<Finding> {
  const names = new Set(specs.flatMap(({ services }) => services.map(({ name }) => name)));
  for (const resource of inventory.inNamespace('AuthorizationPolicy', namespace)) {
    const { name, spec } = resource;
    const isAllow = (stringAt(spec, 'action') ?? 'ALLOW') === 'ALLOW';
    if (!isAllow || !(ofBundle.has(name) || names.has(name))) continue;
    const isDry = isDryRun(resource.value);
    // Health checks are open to all at both stages.
    if (isDry === (stage === 'joined') || name === 'allow-health-checks') continue;
    yield isDry
      ? {
          resource,
          path: ['metadata', 'annotations', 'istio.io/dry-run'],
          at: 'key',
          message: `The policy ${name} is still in dry-run, but the stage of ${namespace} in the fleet file is enforced.`,
        }
      : {
          resource,
          path: ['metadata', 'name'],
          message: `The policy ${name} is enforced, but the stage of ${namespace} in the fleet file is only joined.`,
        };
  }
}

function* ofSidecar(namespace: string, stage: Stage, inventory: Inventory): Iterable<Finding> {
  const resource = inventory.find('Sidecar', namespace, 'default');
  const mode = stringAt(resource?.spec, 'outboundTrafficPolicy', 'mode');
  if (resource === undefined || mode === undefined) return;
  const wanted = stage === 'enforced' ? 'REGISTRY_ONLY' : 'ALLOW_ANY';
  if (mode === wanted || (mode !== 'REGISTRY_ONLY' && mode !== 'ALLOW_ANY')) return;
  yield {
    resource,
    path: ['spec', 'outboundTrafficPolicy', 'mode'],
    message: `The Sidecar sets ${mode}, but the stage of ${namespace} in the fleet file is ${stage}, which requires ${wanted}.`,
  };
}
