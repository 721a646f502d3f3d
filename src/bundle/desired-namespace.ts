import { namespaceGenerators } from '../../generators/namespace/index.ts';
import restart from '../../generators/namespace/workload-restart.ts';
import type { NamespaceSpec, OtherDirectory } from '../model/fleet.ts';
import { effectiveNamespace } from '../k8s/effective-namespace.ts';
import type { BoundSpec, FileRole, Generator } from '../model/generator.ts';
import type { KustomizeTree } from '../model/manifest.ts';
import { stringAt } from '../model/json.ts';
import type { Problem } from '../model/problem.ts';
import { reservedFor } from '../model/reserved-namespaces.ts';
import { accepted } from './accepted.ts';
import { bindSpec } from './bind.ts';
import { namespacePart, type NamespacePart } from './namespace-part.ts';
import { ownedBy, prefixOf, type BoundGenerator, type DesiredState } from './desired-state.ts';

const files = namespaceGenerators.flatMap(({ owned }) => owned ?? []);

/** What is desired of a namespace: of the directory that gets the mesh's files, and of what else its pods are built from. */
export function desiredNamespace(spec: NamespaceSpec): readonly DesiredState[] {
  return [ofDirectory(spec), ...spec.otherDirectories.map((other) => ofOther(spec, other))];
}

/** Of a further directory: its pods are restarted. */
function ofOther(spec: NamespaceSpec, other: OtherDirectory): DesiredState {
  const { namespace } = spec;
  return {
    ...ofDirectory({ ...spec, ...other }),
    otherDirectories: [],
    creates: false,
    files: restart.owned === undefined ? [] : [restart.owned],
    inputs: () => ({ revision: spec.mesh.revision }),
    bind(tree) {
      const part = namespacePart(tree, namespace);
      const filePrefix = part.isShared ? prefixOf(namespace) : '';
      // The services are those of the whole namespace, and nothing is said of them here.
      const { spec: bound } = bindSpec({ ...spec, ...other, services: [], filePrefix }, part.tree);
      return {
        generators: [bind(restart, bound, part)],
        problems: [...misplaced(spec, tree, part), ...unreadCharts(spec, part)],
      };
    },
    unrendered: () => [],
  };
}

function ofDirectory(spec: NamespaceSpec): DesiredState {
  const { target, stage, repository, directory, siblingDirectories, sharedWith, namespace } = spec;
  return {
    target,
    lock: target,
    stage,
    repository,
    directory,
    siblingDirectories,
    otherDirectories: spec.otherDirectories.map((other) => other.directory),
    sharedWith,
    isCommon: false,
    creates: spec.namespaceManifest.kind === 'create',
    files,
    kustomization: { template: 'namespace/kustomization.yaml.hbs', isAlways: false },
    namespace,
    drift: 'warning',
    inputs: () => declaredOf(spec),
    bind(tree, others = []) {
      const part = namespacePart(tree, namespace);
      const filePrefix = part.isShared ? prefixOf(namespace) : '';
      const elsewhere = others.flatMap((other) => namespacePart(other, namespace).tree.manifests);
      const whole = { ...part.tree, manifests: [...part.tree.manifests, ...elsewhere] };
      const { spec: bound, problems } = bindSpec({ ...spec, filePrefix }, whole);
      return {
        generators: namespaceGenerators.map((each) => bind(each, bound, part)),
        problems: [...tooOld(spec), ...misplaced(spec, tree, part), ...unreadCharts(spec, part), ...problems],
      };
    },
    unrendered: () => unrendered(spec),
  };
}

function bind(generator: Generator, spec: BoundSpec, part: NamespacePart): BoundGenerator {
  const { owned } = ownedBy(generator.owned, spec);
  return {
    id: generator.id,
    why: generator.why(spec.stage),
    ...(owned !== undefined && {
      owned: {
        ...owned,
        prefix: spec.filePrefix,
        role: part.isShared ? limited(owned.role, spec) : owned.role,
      },
    }),
    reconcile(wanted) {
      const { actions, problems } = generator.reconcile(wanted, spec, part.tree);
      return { actions, problems: problems.map((problem) => accepted(problem, spec)) };
    },
  };
}

/** A patch over everything of a kind, kept to one namespace. */
function limited(role: FileRole, { namespace }: BoundSpec): FileRole {
  return role.kind === 'patch' ? { ...role, target: { ...role.target, namespace } } : role;
}

function declaredOf(spec: NamespaceSpec): object {
  const { mesh, services, callees, external, kubernetesApi } = spec;
  const { healthCheckPaths, previousGateways, namespaceManifest, strictClusters } = spec;
  return {
    mesh,
    // What is known of traffic decides whether a pull request may be opened, not what is in it.
    services: services
      .filter(({ ports }) => ports.length > 0)
      .map(({ hasCalls: _, complete: __, observed: ___, ...service }) => service),
    callees,
    external,
    kubernetesApi,
    healthCheckPaths,
    previousGateways,
    namespaceManifest,
    // Left out while empty, so that locks of fleets without a strict cluster stay as they are.
    ...(strictClusters.length > 0 && { strictClusters }),
  };
}

function misplaced(spec: NamespaceSpec, tree: KustomizeTree, part: NamespacePart): readonly Problem[] {
  const found = reserved(spec, tree);
  return found.length > 0 ? found : wrongNamespace(spec, tree, part);
}

/** What a directory builds must be of the namespace the fleet says, at least in part. */
function wrongNamespace(spec: NamespaceSpec, tree: KustomizeTree, part: NamespacePart): readonly Problem[] {
  const { foreign } = part;
  if (foreign === undefined || part.isThere) return [];
  const where = foreign.kind === 'Namespace' ? '' : ` in "${effectiveNamespace(foreign) ?? ''}"`;
  return [
    {
      rule: 'bundle-namespace-differs',
      severity: 'error',
      message: `The fleet says that ${tree.directory || 'the repository root'} is namespace "${spec.namespace}", but it builds ${foreign.kind} "${foreign.builtName}"${where}.`,
      fix: 'Correct name or path in fleet.yaml.',
      ...foreign.locationOf(['metadata', 'namespace']),
    },
  ];
}

/** Charts whose workloads nobody has read or stated: policies in force would cut off whatever they bring. */
function unreadCharts(spec: NamespaceSpec, { tree }: NamespacePart): readonly Problem[] {
  if (spec.stage !== 'enforced' || spec.complete.callers !== undefined) return [];
  return tree.manifests
    .filter(({ group, kind }) => group === 'helm.toolkit.fluxcd.io' && kind === 'HelmRelease')
    .filter((release) => effectiveNamespace(release) === spec.namespace)
    .map((release) => ({
      rule: 'bundle-chart-unknown',
      severity: 'error',
      message: `What the chart of HelmRelease "${release.builtName}" brings to "${spec.namespace}" is not known, and policies in force would refuse every call to what fleet.yaml does not declare of it.`,
      fix: `Declare its services with selector, ports, serviceAccount and callers in fleet.yaml, and then complete: {callers: REASON} for "${spec.namespace}"; or leave it at joined.`,
      ...release.locationOf(['metadata', 'name']),
    }));
}

/** What is generated is of API versions that came with Istio 1.22: an older control plane makes Flux fail all of a Kustomization.
 *  @see https://istio.io/latest/blog/2024/v1-apis/ */
function tooOld({ stage, mesh }: NamespaceSpec): readonly Problem[] {
  const [, minor] = /^1\.(\d{1,3})\./.exec(mesh.istioVersion) ?? [];
  if (stage === 'outside' || minor === undefined || Number(minor) >= 22) return [];
  return [
    {
      rule: 'mesh-version-too-old',
      severity: 'error',
      message: `Istio ${mesh.istioVersion} does not know networking.istio.io/v1, which came with 1.22: Flux would apply nothing of the Kustomization that holds such an object.`,
      fix: 'Upgrade Istio first, one minor version at a time, and then mesh.istioVersion in fleet.yaml; or correct it there.',
      see: 'https://istio.io/latest/blog/2024/v1-apis/',
    },
  ];
}

/** A directory can build into a namespace of the mesh whatever the fleet calls it: what is generated would go there too. */
function reserved(spec: NamespaceSpec, tree: KustomizeTree): readonly Problem[] {
  // Taking such a namespace out again must stay possible.
  if (spec.stage === 'outside') return [];
  const { kustomization } = tree;
  const set = stringAt(kustomization?.value, 'namespace');
  const namespaces = tree.manifests.filter(({ kind, group }) => kind === 'Namespace' && group === '');
  const isHere = namespaces.some(({ builtName }) => builtName === spec.namespace);
  const found = isHere
    ? undefined
    : namespaces.find(({ builtName }) => reservedFor(builtName, spec.mesh) !== undefined);
  const name = set !== undefined && reservedFor(set, spec.mesh) !== undefined ? set : found?.builtName;
  if (name === undefined) return [];
  const place =
    name === set ? kustomization?.locationOf(['namespace']) : found?.locationOf(['metadata', 'name']);
  return [
    {
      rule: 'bundle-reserved-namespace',
      severity: 'error',
      message: `The fleet says that ${tree.directory || 'the repository root'} is namespace "${spec.namespace}", but it builds namespace "${name}", which holds ${reservedFor(name, spec.mesh) ?? ''}: the policies of an application would cut off more than its own traffic there.`,
      fix: 'Correct name or path in fleet.yaml, or the namespace that is built here.',
      ...(place ?? { file: tree.directory }),
    },
  ];
}

function unrendered(spec: NamespaceSpec): readonly Problem[] {
  const problems: Problem[] = [];
  if (spec.namespaceManifest.kind !== 'create')
    problems.push({
      rule: 'render-namespace-label',
      severity: 'info',
      message: `The Namespace manifest of "${spec.namespace}" is not rendered here; apply and open set its label istio.io/rev=${spec.mesh.revision} where it lives.`,
    });
  const wide = spec.services.filter(
    ({ callers, selector }) => callers.length > 0 && Object.keys(selector ?? {}).length === 0,
  );
  if (wide.length > 0)
    problems.push({
      rule: 'render-without-selector',
      severity: 'info',
      message: `The policies for callers of ${wide.map(({ name }) => name).join(', ')} are left out, because no pod labels are declared: without them they would cover the whole namespace. apply and open read the labels from the repository.`,
      fix: 'Declare selector for these services in fleet.yaml to render their policies.',
    });
  return problems;
}
