import { objectAt, stringAt, valueAt, type JsonObject } from '../../src/model/json.ts';
import type { YamlEdit } from '../../src/model/edit.ts';
import type { NamespaceName } from '../../src/model/named.ts';
import type { MeshSpec, Stage } from '../../src/model/fleet.ts';
import type { BoundSpec, Reconciliation } from '../../src/model/generator.ts';
import type { KustomizeTree, Manifest } from '../../src/model/manifest.ts';
import type { Problem } from '../../src/model/problem.ts';
import { generator, problemAt } from '../shared.ts';

const page = 'https://istio.io/latest/docs/setup/upgrade/canary/';

/** The label that makes the injector add sidecars. It lives in the one Namespace manifest, wherever that is: rendered a
 *  second time, Flux would flip it back and forth.
 *  @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/ */
export default generator({
  id: 'namespace-label',
  why: () => 'new pods get a sidecar; the legacy istio-injection label would win over the revision',
  owned: {
    file: 'namespace.yaml',
    template: 'namespace/namespace.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) =>
      spec.namespaceManifest.kind === 'create'
        ? { namespace: spec.namespace, revision: spec.mesh.revision, isIn: spec.stage !== 'outside' }
        : undefined,
  },
  reconcile(wanted, spec, tree) {
    const { kind } = spec.namespaceManifest;
    const found = namespacesIn(tree, spec.namespace);
    if (kind === 'file') {
      const { path, repository } = spec.namespaceManifest;
      const others = found.filter(({ file }) => file !== path || repository !== spec.repository);
      return { actions: [], problems: others.map((manifest) => secondOwner(manifest)) };
    }
    const [manifest, second] = found;
    if (second !== undefined) return { actions: [], problems: [secondOwner(second)] };
    if (manifest !== undefined) return labelNamespace(manifest, spec.mesh, spec.stage);
    if (kind === 'create') return { actions: wanted.map((_, index) => ({ do: 'add', index })), problems: [] };
    return { actions: [], problems: [kind === 'cluster' ? central(spec, tree) : absent(spec, tree)] };
  },
});

/** The Namespace objects called `namespace`. */
function namespacesIn(tree: KustomizeTree, namespace: NamespaceName): readonly Manifest[] {
  return tree.manifests.filter(
    (manifest) => manifest.kind === 'Namespace' && manifest.group === '' && manifest.builtName === namespace,
  );
}

/** What the Namespace manifest must become: revision label set (out of the mesh: gone), legacy label gone. */
export function labelNamespace(manifest: Manifest, mesh: MeshSpec, stage: Stage): Reconciliation {
  const labels: JsonObject = objectAt(manifest.built, 'metadata', 'labels');
  if (labels['istio.io/dataplane-mode'] === 'ambient')
    return {
      actions: [],
      problems: [
        problemAt(manifest, ['metadata', 'labels', 'istio.io/dataplane-mode'], {
          rule: 'namespace-ambient',
          severity: 'error',
          message: 'The namespace is in ambient mode; sidecars are not injected there.',
          fix: 'Remove istio.io/dataplane-mode to move it to sidecars, or take the namespace out of the fleet.',
          see: 'https://istio.io/latest/docs/ambient/usage/add-workloads/',
        }),
      ],
    };
  const edits: YamlEdit[] = [];
  if (stage === 'outside') {
    for (const label of ['istio.io/rev', 'istio-injection'])
      // What keeps sidecars out stays.
      if (labels[label] !== undefined && labels[label] !== 'disabled')
        edits.push({ op: 'delete', path: ['metadata', 'labels', label] });
    const why = 'new pods come without a sidecar';
    return { actions: edits.length === 0 ? [] : [{ do: 'edit', manifest, edits, why }], problems: [] };
  }
  if (isInMesh(labels, mesh))
    return { actions: [], problems: stage === 'joined' ? [inMesh(manifest, labels)] : [] };
  if (labels['istio.io/rev'] !== mesh.revision)
    edits.push({ op: 'set', path: ['metadata', 'labels', 'istio.io/rev'], value: mesh.revision });
  if (labels['istio-injection'] !== undefined)
    edits.push({ op: 'delete', path: ['metadata', 'labels', 'istio-injection'] });
  const problems = labels['istio-injection'] === 'disabled' ? [keptOut(manifest)] : [];
  const legacy =
    labels['istio-injection'] === undefined ? '' : '; the legacy label istio-injection would win over it';
  return {
    actions: [
      { do: 'edit', manifest, edits, why: `pods get the sidecar of revision ${mesh.revision}${legacy}` },
    ],
    problems,
  };
}

/** Whether labels of a Namespace ask for the control plane of the fleet already. One without a revision, called "default",
 *  serves the legacy label too, which wins over the other.
 *  @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy */
export function isInMesh(labels: JsonObject, mesh: MeshSpec): boolean {
  const legacy = labels['istio-injection'];
  return legacy === undefined
    ? labels['istio.io/rev'] === mesh.revision
    : legacy === 'enabled' && mesh.revision === 'default';
}

/** The rule that says: the namespace had sidecars before Meshwright came. */
export const namespaceInMesh = 'namespace-in-mesh';

function inMesh(manifest: Manifest, labels: JsonObject): Problem {
  const label = labels['istio-injection'] === undefined ? 'istio.io/rev' : 'istio-injection';
  return problemAt(manifest, ['metadata', 'labels', label], {
    rule: namespaceInMesh,
    severity: 'info',
    message: `The Namespace "${manifest.builtName}" has the label ${label}: ${stringAt(labels, label) ?? ''} already: it stays as it is, also when this change is reverted, and its pods are not restarted.`,
    fix: 'Replace pods that are older than the label: they have no sidecar. To take the namespace out of the mesh, set its stage to outside.',
  });
}

/** The rule that says: people keep the namespace out of the mesh. */
const injectionDisabled = 'namespace-injection-disabled';

/** Somebody keeps sidecars out of the namespace on purpose. */
function keptOut(manifest: Manifest): Problem {
  return problemAt(manifest, ['metadata', 'labels', 'istio-injection'], {
    rule: injectionDisabled,
    severity: 'error',
    message: `The Namespace "${manifest.builtName}" has the label istio-injection: disabled: someone keeps sidecars out of it on purpose.`,
    fix: `Ask them. If it may join the mesh, say why in fleet.yaml: accept: {${injectionDisabled}: "<reason>"}; else set its stage to outside.`,
    see: page,
  });
}

function secondOwner(manifest: Manifest) {
  return problemAt(manifest, ['metadata', 'name'], {
    rule: 'namespace-two-owners',
    severity: 'error',
    message: `The Namespace "${manifest.builtName}" has a second manifest here; Flux would apply both in turn and may delete the namespace when one is removed.`,
    fix: 'Keep one manifest, and point namespaceManifest in fleet.yaml at it.',
  });
}

function central(spec: BoundSpec, tree: KustomizeTree): Problem {
  return {
    rule: 'namespace-central',
    severity: 'info',
    message: `The Namespace "${spec.namespace}" is part of the bundles of the clusters in "${spec.environment}"; its label must be there before the pods of this change start.`,
    fix: `Merge the pull requests of these clusters first: meshwright open --environment ${spec.environment} 'cluster/*'.`,
    file: tree.kustomization?.file ?? tree.directory,
  };
}

/** Helm makes the namespace, and Git has no manifest of it.
 *  @see https://fluxcd.io/flux/components/helm/helmreleases/#install-configuration */
function creatorOf({ namespace }: BoundSpec, tree: KustomizeTree): Manifest | undefined {
  return tree.manifests.find(
    ({ group, kind, built, builtNamespace }) =>
      group === 'helm.toolkit.fluxcd.io' &&
      kind === 'HelmRelease' &&
      (stringAt(built, 'spec', 'targetNamespace') ?? builtNamespace) === namespace &&
      valueAt(built, 'spec', 'install', 'createNamespace') === true,
  );
}

function absent(spec: BoundSpec, tree: KustomizeTree): Problem {
  const isExternal = spec.namespaceManifest.kind === 'external';
  const creator = creatorOf(spec, tree);
  if (creator !== undefined)
    return problemAt(creator, ['spec', 'install', 'createNamespace'], {
      rule: isExternal ? 'namespace-external' : 'namespace-not-found',
      severity: isExternal ? 'warning' : 'error',
      message: `HelmRelease "${creator.builtName}" creates the namespace "${spec.namespace}", so no manifest in Git can carry the label istio.io/rev=${spec.mesh.revision}, and no sidecar appears before it is there.`,
      fix: `Set namespaceManifest: create in fleet.yaml: the manifest is added here, and Helm leaves a namespace that exists alone. Or label it by hand.`,
      see: page,
    });
  return {
    rule: isExternal ? 'namespace-external' : 'namespace-not-found',
    severity: isExternal ? ('warning' as const) : ('error' as const),
    message: isExternal
      ? `The Namespace "${spec.namespace}" is managed outside Git; no sidecar appears before it has the label istio.io/rev=${spec.mesh.revision} and no istio-injection label.`
      : `What ${tree.directory === '' ? 'the repository root' : tree.directory} builds does not include the Namespace "${spec.namespace}", so its label istio.io/rev cannot be set.`,
    fix: isExternal
      ? `Set the label where the namespace is managed, before this is merged.`
      : 'Say in fleet.yaml where it lives: namespaceManifest: {repository, path}; create if nobody manages it; external if it is not in Git.',
    file: tree.kustomization?.file ?? tree.directory,
    see: page,
  };
}
