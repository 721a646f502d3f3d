import { isObject, listAt, objectAt, valueAt, type JsonValue } from '../../src/model/json.ts';
import type { BoundSpec, ReconcileAction } from '../../src/model/generator.ts';
import type { KustomizeTree, Manifest } from '../../src/model/manifest.ts';
import type { Problem } from '../../src/model/problem.ts';
import { makesRevisions } from '../../src/k8s/other-owners.ts';
import { endsByItself, podTemplateOf, rollsPods, sidecarRefusal } from '../../src/k8s/pod-template.ts';
import { generator, manifestsOf, problemAt } from '../shared.ts';
import { isInMesh } from './namespace-label.ts';

const annotation = 'meshwright.dev/mesh-revision';
const kinds = ['Deployment', 'StatefulSet', 'DaemonSet'];
const target = { kind: kinds.join('|') };

/** Makes Flux roll the workloads: a sidecar appears only when a pod is created, so the label alone changes nothing that
 *  runs. The annotation names the revision, so moving to another revision rolls them again.
 *  @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/ */
export default generator({
  id: 'workload-restart',
  why: (stage) =>
    stage === 'outside'
      ? 'Flux rolls the workloads once, because running pods keep their sidecar'
      : 'Flux rolls the workloads once, because only new pods get a sidecar',
  owned: {
    file: 'istio-restart.yaml',
    template: 'namespace/istio-restart.yaml.hbs',
    role: { kind: 'patch', target },
    view: (spec) => ({ revision: revisionOf(spec) }),
  },
  reconcile(_wanted, spec, tree) {
    const workloads = tree.manifests.filter(
      (manifest) =>
        (manifest.builtNamespace ?? spec.namespace) === spec.namespace &&
        (rollsPods(manifest) || makesRevisions(manifest)),
    );
    const releases = manifestsOf(tree, spec, 'helm.toolkit.fluxcd.io', 'HelmRelease');
    // A release restarts what its chart brings, but for kinds that its patch does not select.
    const isThere = hasSidecars(spec, tree);
    const stale = workloads.filter(
      (workload) =>
        !isThere &&
        !hasAnnotation(workload, spec) &&
        (workload.renderedBy === undefined || !kinds.includes(workload.kind)),
    );
    const patched = stale.filter(({ kind }) => kinds.includes(kind));
    const actions: ReconcileAction[] = [
      ...releases
        .filter((release) => !isThere && !restarts(release, spec) && mayRoll(release, tree))
        .map((release) => restartRelease(release, spec)),
      ...stale.filter((workload) => !patched.includes(workload)).map((workload) => annotate(workload, spec)),
    ];
    if (tree.kustomization === undefined)
      actions.push(...patched.map((workload) => annotate(workload, spec)));
    else if (patched.length > 0) actions.push({ do: 'add', index: 0 });
    return { actions, problems: [...unknown(workloads, releases, spec, tree), ...jobs(spec, tree)] };
  },
});

/** Whether people had the namespace in the mesh before: its pods have their sidecars. */
function hasSidecars({ namespace, stage, mesh }: BoundSpec, tree: KustomizeTree): boolean {
  return (
    stage !== 'outside' &&
    tree.manifests.some(
      ({ group, kind, builtName, written }) =>
        group === '' &&
        kind === 'Namespace' &&
        builtName === namespace &&
        isInMesh(objectAt(written, 'metadata', 'labels'), mesh),
    )
  );
}

function rolled(spec: BoundSpec): string {
  return `its pods are replaced once, ${spec.stage === 'outside' ? 'without' : 'with'} sidecars`;
}

/** Taking a namespace out rolls its pods too: a running one keeps its sidecar. */
function revisionOf(spec: BoundSpec): string {
  return spec.stage === 'outside' ? 'none' : spec.mesh.revision;
}

function hasAnnotation(workload: Manifest, spec: BoundSpec): boolean {
  return (
    valueAt(workload.built, 'spec', 'template', 'metadata', 'annotations', annotation) === revisionOf(spec)
  );
}

function annotate(manifest: Manifest, spec: BoundSpec): ReconcileAction {
  return {
    do: 'edit',
    manifest,
    edits: [
      {
        op: 'set',
        path: ['spec', 'template', 'metadata', 'annotations', annotation],
        value: revisionOf(spec),
      },
    ],
    why: rolled(spec),
  };
}

/** Workloads inside a chart are out of reach of this kustomization; Helm's post-renderer reaches them.
 *  @see https://fluxcd.io/flux/components/helm/helmreleases/#post-renderers */
function restartRelease(manifest: Manifest, spec: BoundSpec): ReconcileAction {
  const patch = JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'any' },
    spec: { template: { metadata: { annotations: { [annotation]: revisionOf(spec) } } } },
  });
  const renderers = listAt(manifest.built, 'spec', 'postRenderers');
  const own = renderers.findIndex((renderer) =>
    patchesOf(renderer).some((each) => each.includes(annotation)),
  );
  const patches = [{ target, patch }];
  return {
    do: 'edit',
    manifest,
    edits:
      own < 0
        ? [{ op: 'append', path: ['spec', 'postRenderers'], value: { kustomize: { patches } } }]
        : [{ op: 'set', path: ['spec', 'postRenderers', own, 'kustomize', 'patches'], value: patches }],
    why: rolled(spec),
  };
}

/** A chart that was rendered shows whether it has pods to roll. */
function mayRoll(release: Manifest, tree: KustomizeTree): boolean {
  const isOfIt = ({ renderedBy: by }: Manifest) =>
    by?.builtName === release.builtName && by.builtNamespace === release.builtNamespace;
  const rendered = tree.manifests.filter(isOfIt);
  return rendered.length === 0 || rendered.some(({ kind }) => kinds.includes(kind));
}

function restarts(release: Manifest, spec: BoundSpec): boolean {
  const wanted = `"${annotation}":"${revisionOf(spec)}"`;
  return listAt(release.built, 'spec', 'postRenderers').some((renderer) =>
    patchesOf(renderer).some((patch) => patch.includes(wanted)),
  );
}

function patchesOf(renderer: JsonValue): readonly string[] {
  return listAt(objectAt(renderer, 'kustomize'), 'patches').flatMap((entry) => {
    const patch = isObject(entry) ? entry.patch : undefined;
    return typeof patch === 'string' ? [patch] : [];
  });
}

function unknown(
  workloads: readonly Manifest[],
  releases: readonly Manifest[],
  spec: BoundSpec,
  tree: KustomizeTree,
): readonly Problem[] {
  if (workloads.length > 0 || releases.length > 0 || spec.services.length === 0) return [];
  // They are restarted where they are built.
  if (spec.otherDirectories.length > 0) return [];
  return [
    {
      rule: 'restart-no-workload',
      severity: 'warning',
      message:
        'No Deployment, StatefulSet, DaemonSet, Rollout, Knative Service or HelmRelease was found here, so nothing in Git restarts the pods; running ones stay without a sidecar.',
      fix: `Restart the workloads of ${spec.namespace} where they are managed, after this is merged.`,
      file: tree.kustomization?.file ?? tree.directory,
    },
  ];
}

/** @see https://istio.io/latest/blog/2023/native-sidecars/ */
function jobs(spec: BoundSpec, tree: KustomizeTree): readonly Problem[] {
  return tree.manifests
    .filter(endsByItself)
    .filter((job) => !isLeftOut(job))
    .map((job) =>
      problemAt(job, ['metadata', 'name'], {
        rule: 'job-with-sidecar',
        severity: 'warning',
        message: `${job.kind} "${job.builtName}" gets a sidecar too; without native sidecars it never completes.`,
        fix: `Make sure that native sidecars are enabled in Istio ${spec.mesh.istioVersion}, or label its pods sidecar.istio.io/inject: "false" if it calls nothing in the mesh.`,
        see: 'https://istio.io/latest/blog/2023/native-sidecars/',
      }),
    );
}

function isLeftOut(job: Manifest): boolean {
  return sidecarRefusal(podTemplateOf(job, job.built) ?? {}) !== undefined;
}
