import { readTree } from '../kustomize/read-tree.ts';
import type { ClusterSpec } from '../model/fleet.ts';
import { isList, isObject, objectAt, stringAt, type JsonValue, type YamlPath } from '../model/json.ts';
import type { KustomizeTree, Manifest } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import { joinRepoPath } from '../model/repo-path.ts';
import type { Problem } from '../model/problem.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** Variables of a cluster's builds that nothing sets: Flux refuses the whole build of a Kustomization with one (strict
 *  since 2.9; before, it put an empty text there).
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution */
export function unknownVariables(
  spec: ClusterSpec,
  snapshot: Snapshot,
): { readonly needs: readonly RepoPath[]; readonly problems: readonly Problem[] } {
  const cluster = readTree(snapshot, spec.directory);
  if (cluster.tree === undefined) return { needs: cluster.needs, problems: [] };
  const builds = builtBy(spec, cluster.tree);
  const trees = builds.map((directory) => readTree(snapshot, directory));
  const needs = trees.flatMap((each) => (each.tree === undefined ? each.needs : []));
  if (needs.length > 0) return { needs, problems: [] };
  const known = new Set(variablesOf(cluster.tree));
  const problems = trees.flatMap(({ tree }) =>
    (tree?.manifests ?? []).flatMap((manifest) => unknownIn(manifest, known)),
  );
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return { needs: [], problems: [...unique.values()] };
}

/** What our own Flux Kustomizations build. */
function builtBy(spec: ClusterSpec, tree: KustomizeTree): readonly RepoPath[] {
  return tree.manifests.flatMap(({ group, kind, built }) => {
    if (group !== 'kustomize.toolkit.fluxcd.io' || kind !== 'Kustomization') return [];
    const takes = JSON.stringify(objectAt(built, 'spec', 'postBuild')).includes('"mesh-variables"');
    const path = joinRepoPath(
      '' as RepoPath,
      (stringAt(built, 'spec', 'path') ?? '').replace(/^(?:\.\/)+/, ''),
    );
    return takes && path?.startsWith(`${spec.base}/`) === true ? [path] : [];
  });
}

function variablesOf(tree: KustomizeTree): readonly string[] {
  const map = tree.manifests.find(
    ({ kind, builtName }) => kind === 'ConfigMap' && builtName === 'mesh-variables',
  );
  return Object.keys(objectAt(map?.built ?? null, 'data'));
}

function unknownIn(manifest: Manifest, known: ReadonlySet<string>): readonly Problem[] {
  const disabled = stringAt(
    manifest.built,
    'metadata',
    'annotations',
    'kustomize.toolkit.fluxcd.io/substitute',
  );
  if (disabled === 'disabled') return [];
  return [...texts(manifest.built, [])].flatMap(({ text, path }) =>
    namesIn(text)
      .filter((name) => !known.has(name))
      .map((name): Problem => ({
        rule: 'cluster-unknown-variable',
        severity: 'error',
        message: `${manifest.kind} "${manifest.builtName}" uses \${${name}}, which no variable of this cluster sets; Flux would refuse the build.`,
        fix: `Set ${name} under variables of the cluster in fleet.yaml, or write $\${${name}} where Istio is meant.`,
        ...manifest.placeOf(path),
      })),
  );
}

/** Names of variables without a default; `$${name}` is an escaped one. */
function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/(\$*)\$\{([A-Za-z_][A-Za-z0-9_]*)([^}]*)\}/g)].flatMap(
    ([, dollars = '', name = '', rest = '']) => {
      if (dollars.length % 2 === 1) return [];
      return /^:?[-=]/.test(rest) ? [] : [name];
    },
  );
}

function* texts(value: JsonValue, path: YamlPath): Generator<{ text: string; path: YamlPath }> {
  if (typeof value === 'string') yield { text: value, path };
  else if (isList(value)) for (const [index, item] of value.entries()) yield* texts(item, [...path, index]);
  else if (isObject(value))
    for (const [key, member] of Object.entries(value)) yield* texts(member, [...path, key]);
}
