import type { Build, BuiltCluster } from '../flux/build.ts';
import { objectsByNamespace } from '../flux/built-cluster.ts';
import { clusterChanges, readDirectories, type ClusterChange } from '../flux/cluster-changes.ts';
import { ambientSign } from '../mesh/installed-mesh.ts';
import { isApplication } from '../k8s/application.ts';
import { podTemplateOf, podTemplatePath } from '../k8s/pod-template.ts';
import { labelsAt, selects } from '../k8s/selector.ts';
import { directoriesOf, type Fleet, type NamespaceSpec, type NamespaceTarget } from '../model/fleet.ts';
import { objectAt } from '../model/json.ts';
import { listed } from '../model/listed.ts';
import { listIn } from '../model/list-in.ts';
import type { Manifest } from '../model/manifest.ts';
import { distinct, success, type Problem } from '../model/problem.ts';
import type { FileChange } from '../model/snapshot.ts';
import { Checkouts, type RepositorySource } from './checkouts.ts';
import { clusterScopes, type ClusterScope, type FoundEntries } from './cluster-scope.ts';
import { orderProblems } from './order-problems.ts';
import type { BundleCheck } from './plan-on.ts';

/** Names of what the check refuses, for overrides. */
export const reachRules = [
  'bundle-reaches-others',
  'namespace-path-differs',
  'namespace-built-elsewhere',
  'mesh-ambient',
] as const;

/** Builds every cluster of the fleet whose entry is known without and with a bundle, as Flux does: what changes must be of
 *  the target's namespace, on the clusters of its environment, and what was built must still be. What is on these clusters
 *  beside the directory that the fleet names is told.
 *  @param found  entries of clusters that the fleet does not say
 *  @returns a check with problems `bundle-reaches-others`, `bundle-breaks-build`, `namespace-path-differs`,
 *    `namespace-built-elsewhere` */
export function reachCheck(fleet: Fleet, forge: RepositorySource, found?: FoundEntries): BundleCheck {
  const shared = new Checkouts(forge, fleet);
  const environments = new Set(fleet.environments.map(({ name }) => name));
  const places = clusterScopes(fleet, environments, found).filter(({ entry }) => entry !== undefined);
  return async ({ target, repository, tree, after, bundle }) => {
    // What the clusters share is theirs together, and is planned so.
    if (target.kind === 'cluster') return success({ problems: [] });
    // Read once for all targets; a checkout of its own may hold other files than the forge.
    for (const { entry } of places) if (entry !== undefined) await shared.cluster(entry);
    const before = shared.copy();
    before.change(repository, tree, tree.snapshot, []);
    const merged = before.copy();
    merged.change(repository, tree, after, []);
    const problems: Problem[] = [];
    for (const place of places) {
      if (place.entry === undefined) continue;
      const now = await before.cluster(place.entry);
      const spec = specOn(target, place);
      if (spec !== undefined && repository === target.repository)
        problems.push(
          ...pathProblems(spec, place, now),
          ...elsewhere(spec, place, now),
          ...ambient(spec, place, now),
          ...orderProblems(spec, now, place.cluster ?? place.environment),
          ...withoutGateway(spec, place, now),
        );
      if (!now.builds.some((build) => build.repository === repository)) continue;
      const then = await merged.cluster(place.entry);
      problems.push(...strays(target, place, clusterChanges(now, then), bundle.changes));
      problems.push(...brokenBuilds(target, place, now, then));
    }
    return success({ problems: distinct(problems) });
  };
}

/** The target's directory on a cluster; undefined: it is not there. */
function specOn({ environment, specs }: NamespaceTarget, place: ClusterScope): NamespaceSpec | undefined {
  if (environment !== place.environment) return undefined;
  return specs.find(({ cluster }) => cluster === undefined || cluster === place.cluster);
}

function strays(
  target: NamespaceTarget,
  place: ClusterScope,
  changes: readonly ClusterChange[],
  files: readonly FileChange[],
): readonly Problem[] {
  const isHere = specOn(target, place) !== undefined;
  const others = changes.filter(({ namespace }) => !isHere || namespace !== target.namespace);
  const groups = new Map<string, ClusterChange[]>();
  for (const change of others) listIn(groups, `${change.build.id} ${change.namespace ?? ''}`).push(change);
  return [...groups.values()].flatMap(([first, ...more]): readonly Problem[] => {
    if (first === undefined) return [];
    const { manifest, build, namespace } = first;
    const file = files.find(({ path }) => build.reads.has(path))?.path ?? files[0]?.path;
    const rest = more.length === 0 ? '' : ` and ${String(more.length)} more`;
    return [
      {
        rule: 'bundle-reaches-others',
        // Taking a namespace out again must stay possible.
        severity: target.stage === 'outside' ? 'warning' : 'error',
        message: `This would change ${described(manifest, namespace)}${rest} on ${place.cluster ?? place.environment} too, which is not part of ${target.id}: Kustomization ${nameOf(build)} builds the same files.`,
        fix: `Point path in fleet.yaml at a directory that only ${target.id} is built from, such as an overlay of its environment.`,
        ...(file !== undefined && { file, line: 1, column: 1 }),
      },
    ];
  });
}

function described({ kind, builtName }: Manifest, namespace: string | undefined): string {
  return kind === 'Namespace' || namespace === undefined
    ? `${kind} ${builtName}`
    : `${kind} ${namespace}/${builtName}`;
}

function nameOf({ id }: Build): string {
  return id === '' ? 'of the entry' : id;
}

/** Builds that Flux makes today, and would refuse with the bundle. */
function brokenBuilds(
  target: NamespaceTarget,
  place: ClusterScope,
  now: BuiltCluster,
  then: BuiltCluster,
): readonly Problem[] {
  const before = new Map(now.builds.map((build) => [build.id, build]));
  return then.builds.flatMap((build): readonly Problem[] => {
    if (build.state !== 'failed' || before.get(build.id)?.state !== 'built') return [];
    const why = build.problems.find(({ severity }) => severity === 'error');
    return [
      {
        rule: 'bundle-breaks-build',
        severity: 'error',
        message: `Flux would refuse Kustomization ${nameOf(build)} on ${place.cluster ?? place.environment} with the change for ${target.id}. ${why?.message ?? ''}`,
        fix: why?.fix ?? 'Correct what the message names, and plan again.',
        ...(why?.file !== undefined && { file: why.file, line: why.line, column: why.column }),
      },
    ];
  });
}

/** Where the fleet names another directory than the one that the cluster builds the namespace from. */
function pathProblems(
  { namespace, repository, directory, stage }: NamespaceSpec,
  place: ClusterScope,
  { builds }: BuiltCluster,
): readonly Problem[] {
  if (builds.some((build) => build.repository === repository && readDirectories(build).has(directory)))
    return [];
  const found = builds.filter(({ objects }) =>
    objects.some(({ manifest }) => isApplication(manifest) && isIn(manifest, namespace)),
  );
  const [first] = found;
  if (first === undefined) return [];
  const at = first.kustomization?.manifest.locationOf(['spec', 'path']);
  const where =
    at === undefined ? '' : ` (${first.kustomization?.repository ?? ''} ${at.file}:${String(at.line)})`;
  // What can't be read may build the directory too.
  const isCertain = builds.every(({ state }) => state === 'built' || state === 'failed');
  return [
    {
      rule: 'namespace-path-differs',
      severity: isCertain && stage !== 'outside' ? 'error' : 'warning',
      message: `fleet.yaml names ${directory || 'the root'} of ${repository} for "${namespace}", but ${place.cluster ?? place.environment} builds it from ${found.map(placeOf).join(' and ')}: Kustomization ${nameOf(first)}${where}.`,
      fix: `Correct path and repository of "${namespace}" in fleet.yaml.`,
    },
  ];
}

function placeOf({ repository, directory }: Build): string {
  return `${directory === '' || directory === undefined ? 'the root' : directory} of ${repository ?? 'an unknown repository'}`;
}

function isIn(manifest: Manifest, namespace: string): boolean {
  return manifest.builtNamespace === namespace;
}

/** A mesh in ambient mode gives a namespace no sidecars unless somebody means that. */
function ambient(spec: NamespaceSpec, place: ClusterScope, cluster: BuiltCluster): readonly Problem[] {
  const sign = ambientSign(cluster.builds.flatMap(({ objects }) => objects.map(({ manifest }) => manifest)));
  if (spec.stage === 'outside' || sign === undefined) return [];
  const labels = (objectsByNamespace(cluster).get(spec.namespace) ?? [])
    .filter(({ manifest: { group, kind } }) => group === '' && kind === 'Namespace')
    .map(({ manifest }) => labelsAt(manifest.built, 'metadata', 'labels'));
  if (labels.some((each) => each['istio.io/rev'] !== undefined || each['istio-injection'] === 'enabled'))
    return [];
  const at = sign.locationOf(['metadata', 'name']);
  return [
    {
      rule: 'mesh-ambient',
      severity: 'error',
      message: `The mesh of ${place.cluster ?? place.environment} runs in ambient mode (${sign.kind} "${sign.builtName}", ${at.file}:${String(at.line)}), and nothing asks for sidecars in "${spec.namespace}" today: this would give it sidecars.`,
      fix: `Use the label istio.io/dataplane-mode: ambient instead, without Meshwright; or say why sidecars are meant, with --override mesh-ambient=REASON.`,
      see: 'https://istio.io/latest/docs/ambient/usage/add-workloads/',
    },
  ];
}

/** Routes at a gateway that nothing in Git makes: the fleet may name another one than the cluster has. */
function withoutGateway(spec: NamespaceSpec, place: ClusterScope, cluster: BuiltCluster): readonly Problem[] {
  const { name, namespace } = spec.mesh.gateway;
  const routed = spec.services.filter(({ hosts }) => hosts.length > 0);
  if (spec.stage === 'outside' || routed.length === 0 || place.target !== undefined) return [];
  const gateways = cluster.builds
    .flatMap(({ objects }) => objects.map(({ manifest }) => manifest))
    .filter(({ group, kind }) => group === 'networking.istio.io' && kind === 'Gateway')
    .map(({ builtName, builtNamespace = '' }) => `${builtNamespace}/${builtName}`);
  if (gateways.includes(`${namespace}/${name}`)) return [];
  return [
    {
      rule: 'shared-gateway-unknown',
      severity: 'warning',
      message: `The hosts of ${routed.map((each) => each.name).join(', ')} are routed from Gateway ${namespace}/${name}, which nothing that Git shows of ${place.cluster ?? place.environment} makes: these routes serve nothing until it is there. What serves the hosts today stays as it is.`,
      fix: `Set mesh.gateway in fleet.yaml to the gateway of the cluster${gateways.length === 0 ? '' : ` (${listed([...new Set(gateways)], 3)})`}, or leave hosts out.`,
    },
  ];
}

/** Pods of the namespace that are built from elsewhere: the bundle does not restart them, and its policies hold for them. */
function elsewhere(spec: NamespaceSpec, place: ClusterScope, cluster: BuiltCluster): readonly Problem[] {
  if (spec.stage === 'outside') return [];
  const all = objectsByNamespace(cluster).get(spec.namespace) ?? [];
  const isOwn = (build: Build) =>
    build.repository === spec.repository &&
    directoriesOf(spec).some((directory) => readDirectories(build).has(directory));
  const selectors = all
    .filter(({ manifest: { group, kind, builtName } }) => {
      const isDeclared = spec.services.some(({ name }) => name === builtName);
      return group === '' && kind === 'Service' && isDeclared;
    })
    .map(({ manifest }) => objectAt(manifest.built, 'spec', 'selector'));
  return all
    .filter(({ manifest, build }) => podTemplatePath(manifest) !== undefined && !isOwn(build))
    .map(({ manifest, repository, build }): Problem => {
      const labels = labelsAt(podTemplateOf(manifest, manifest.built), 'metadata', 'labels');
      const isKnown = selectors.some(
        (selector) => Object.keys(selector).length > 0 && selects({ matchLabels: selector }, labels),
      );
      const isCutOff = spec.stage === 'enforced' && !isKnown;
      const at = manifest.locationOf(['metadata', 'name']);
      return {
        rule: 'namespace-built-elsewhere',
        severity: isCutOff ? 'error' : 'warning',
        message: `${manifest.kind} "${manifest.builtName}" of ${spec.namespace} is built from ${placeOf(build)} on ${place.cluster ?? place.environment} (${repository} ${at.file}:${String(at.line)}). ${
          isCutOff
            ? 'No service of the fleet selects its pods, so the policies of this namespace would refuse all that call them.'
            : 'This does not restart it: it gets its sidecar when it is rolled out next.'
        }`,
        fix: isCutOff
          ? `Declare its Service, with ports and callers, under services of "${spec.namespace}" in fleet.yaml.`
          : `Restart it once this is merged, with kubectl rollout restart, or by a change in ${repository}.`,
      };
    });
}
