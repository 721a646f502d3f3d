import { isFluxKustomization, pathInSource } from '../k8s/flux-kustomization.ts';
import { isLeftOut } from '../k8s/substituted-object.ts';
import { variablesIn } from '../k8s/substitution.ts';
import { readTree } from '../kustomize/read-tree.ts';
import type { ClusterSpec } from '../model/fleet.ts';
import { isList, isObject, objectAt, stringAt, type JsonValue, type YamlPath } from '../model/json.ts';
import type { KustomizeTree, Manifest } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';

/** Variables of a cluster's builds that nothing sets: Flux refuses the whole build of a Kustomization with one (strict
 *  since 2.9; before, it put an empty text there).
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution */
export function unknownVariables(spec: ClusterSpec, snapshot: Snapshot): Reading<readonly Problem[]> {
  const cluster = readTree(snapshot, spec.directory);
  if (cluster.value === undefined) return cluster;
  const builds = builtBy(spec, cluster.value);
  const trees = builds.map((directory) => readTree(snapshot, directory));
  const needs = trees.flatMap((each) => each.needs);
  if (needs.length > 0) return { needs };
  const set = new Set(variablesOf(cluster.value));
  const problems = trees.flatMap(({ value }) =>
    (value?.manifests ?? []).flatMap((manifest) => unknownIn(manifest, set)),
  );
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return known([...unique.values()]);
}

/** What our own Flux Kustomizations build. */
function builtBy(spec: ClusterSpec, tree: KustomizeTree): readonly RepoPath[] {
  return tree.manifests.filter(isFluxKustomization).flatMap(({ built }) => {
    const takes = JSON.stringify(objectAt(built, 'spec', 'postBuild')).includes('"mesh-variables"');
    const path = pathInSource(stringAt(built, 'spec', 'path'));
    return takes && path.startsWith(`${spec.base}/`) ? [path] : [];
  });
}

function variablesOf(tree: KustomizeTree): readonly string[] {
  const map = tree.manifests.find(
    ({ kind, builtName }) => kind === 'ConfigMap' && builtName === 'mesh-variables',
  );
  return Object.keys(objectAt(map?.built ?? null, 'data'));
}

function unknownIn(manifest: Manifest, known: ReadonlySet<string>): readonly Problem[] {
  if (isLeftOut(manifest.built)) return [];
  const who = `${manifest.kind} "${manifest.builtName}"`;
  return [...texts(manifest.built, [])].flatMap(({ text, path }): readonly Problem[] => {
    const read = variablesIn(text);
    if (!read.ok)
      return [
        {
          rule: 'cluster-bad-substitution',
          severity: 'error',
          message: `${who} has a string that Flux cannot substitute: ${read.why}. Flux would refuse the build.`,
          fix: 'Write $${ where no Flux variable is meant.',
          ...manifest.locationOf(path),
        },
      ];
    return read.uses
      .filter(({ name, isRequired }) => isRequired && !known.has(name))
      .map(({ name }) => ({
        rule: 'cluster-unknown-variable',
        severity: 'error',
        message: `${who} uses \${${name}}, which no variable of this cluster sets; Flux would refuse the build.`,
        fix: `Set ${name} under variables of the cluster in fleet.yaml, or write $\${${name}} if Istio should see it.`,
        ...manifest.locationOf(path),
      }));
  });
}

function* texts(value: JsonValue, path: YamlPath): Generator<{ text: string; path: YamlPath }> {
  if (typeof value === 'string') yield { text: value, path };
  else if (isList(value)) for (const [index, item] of value.entries()) yield* texts(item, [...path, index]);
  else if (isObject(value))
    for (const [key, member] of Object.entries(value)) {
      yield { text: key, path: [...path, key] };
      yield* texts(member, [...path, key]);
    }
}
