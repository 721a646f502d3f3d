import { substituteObject } from '../k8s/substituted-object.ts';
import { isVariableName, variableValue, type Variables } from '../k8s/substitution.ts';
import { readTree } from '../kustomize/read-tree.ts';
import { listAt, objectAt, stringAt, type JsonObject } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RepoPath } from '../model/named.ts';
import type { Problem } from '../model/problem.ts';
import { joinRepoPath } from '../model/repo-path.ts';
import type { Resource } from '../model/resource.ts';
import { known, type Reading, type Snapshot } from '../model/snapshot.ts';
import { resourceOfManifest } from './resource.ts';

/** Objects that are built, and what stands in the way of others. */
export interface Built {
  readonly resources: readonly Resource[];
  readonly problems: readonly Problem[];
}

/** What a directory builds.
 *  @param prefix  what goes before each path when it is shown: `acme/shop/`
 *  @param namespace  of objects that say none */
export function builtFrom(
  snapshot: Snapshot,
  directory: RepoPath,
  prefix: string,
  namespace?: string,
): Reading<Built> {
  const reading = readTree(snapshot, directory);
  if (reading.value === undefined) return reading;
  const tree = reading.value;
  const nameOf = (path: RepoPath) => prefix + path;
  const resources = tree.manifests.map((manifest) => resourceOfManifest(manifest, { nameOf, namespace }));
  return known({ resources, problems: shown(tree.problems, prefix) });
}

/** What Flux builds on a cluster from one repository: the directory of its root Kustomization, and what the Kustomizations
 *  in there name, with their variables filled in.
 *  @param source  name of the Flux source that stands for this repository
 *  @see https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution */
export function builtByFlux(
  snapshot: Snapshot,
  root: RepoPath,
  source: string,
  prefix: string,
): Reading<Built> {
  const first = readTree(snapshot, root);
  if (first.value === undefined) return first;
  const needs: RepoPath[] = [];
  const problems: Problem[] = [...shown(first.value.problems, prefix)];
  const found = [...first.value.manifests];
  const queue = found.filter(isFlux);
  const seen = new Set<string>([root]);
  for (const kustomization of queue) {
    const spec = objectAt(kustomization.built, 'spec');
    if (stringAt(spec, 'sourceRef', 'name') !== source) continue;
    const path = joinRepoPath('' as RepoPath, (stringAt(spec, 'path') ?? '').replace(/^(?:\.\/)+/, ''));
    if (path === undefined || seen.has(path)) continue;
    seen.add(path);
    const reading = readTree(snapshot, path);
    if (reading.value === undefined) {
      needs.push(...reading.needs);
      continue;
    }
    const filled = fillIn(kustomization, reading.value.manifests, found);
    const built = filled.manifests;
    problems.push(...shown([...reading.value.problems, ...filled.problems], prefix));
    found.push(...built);
    queue.push(...built.filter(isFlux));
  }
  if (needs.length > 0) return { needs };
  return known({
    resources: found.map((manifest) =>
      resourceOfManifest(manifest, { nameOf: (path) => prefix + path, namespace: undefined }),
    ),
    problems,
  });
}

function isFlux({ group, kind }: Manifest): boolean {
  return group === 'kustomize.toolkit.fluxcd.io' && kind === 'Kustomization';
}

/** Variables of a Kustomization, the later source over the earlier, its own over all. What is in a Secret, or in a ConfigMap
 *  that was not read, is unknown, and may be set in the place of any that comes before. */
function variablesOf({ built, builtNamespace }: Manifest, manifests: readonly Manifest[]): Variables {
  const known = new Map<string, string | undefined>();
  let isWhole = true;
  const add = (values: JsonObject) => {
    for (const [name, value] of Object.entries(values))
      // What is still to be filled in is not a value yet.
      known.set(name, typeof value !== 'string' || value.includes('${') ? undefined : variableValue(value));
  };
  for (const from of listAt(built, 'spec', 'postBuild', 'substituteFrom')) {
    const map = manifests.find(
      (each) =>
        each.group === '' &&
        each.kind === 'ConfigMap' &&
        each.builtName === stringAt(from, 'name') &&
        (each.builtNamespace ?? builtNamespace) === (builtNamespace ?? each.builtNamespace),
    );
    if (stringAt(from, 'kind') === 'ConfigMap' && map !== undefined) add(objectAt(map.built, 'data'));
    else {
      isWhole = false;
      for (const name of known.keys()) known.set(name, undefined);
    }
  }
  add(objectAt(built, 'spec', 'postBuild', 'substitute'));
  return { known, isWhole };
}

/** What a Kustomization makes of the objects it builds, and what of that is not known or refused. */
function fillIn(
  kustomization: Manifest,
  manifests: readonly Manifest[],
  found: readonly Manifest[],
): { readonly manifests: readonly Manifest[]; readonly problems: readonly Problem[] } {
  const variables = variablesOf(kustomization, found);
  const isAlways = stringAt(kustomization.built, 'spec', 'postBuild', 'substituteStrategy') === 'Always';
  const problems: Problem[] = [...variables.known.keys()]
    .filter((name) => !isVariableName(name))
    .map((name) => ({
      rule: 'flux-refuses-variables',
      severity: 'warning',
      message: `Flux refuses the build of Kustomization "${kustomization.builtName}": ${JSON.stringify(name)} is not a valid variable name.`,
      fix: 'Use letters, digits and underscores, and do not start with a digit.',
      ...kustomization.placeOf(['spec', 'postBuild']),
    }));
  const unknown = new Set<string>();
  const filled = manifests.map((manifest) => {
    const result = substituteObject(manifest.built, variables, isAlways);
    for (const name of result.unknown) unknown.add(name);
    for (const { path, why } of result.refused)
      problems.push({
        rule: 'flux-refuses-variables',
        severity: 'warning',
        message: `Flux refuses the build of Kustomization "${kustomization.builtName}" because of ${manifest.kind} "${manifest.builtName}": ${why}. Before Flux 2.9, an unset variable was empty.`,
        fix: 'Set the variable, give it a default (`${name:=value}`), or write $${ where no variable is meant.',
        ...manifest.placeOf(path),
      });
    return {
      ...manifest,
      built: result.value,
      builtName: stringAt(result.value, 'metadata', 'name') ?? manifest.builtName,
      builtNamespace: stringAt(result.value, 'metadata', 'namespace') ?? manifest.builtNamespace,
    };
  });
  if (unknown.size > 0)
    problems.push({
      rule: 'flux-variables-unknown',
      severity: 'info',
      message: `Kustomization "${kustomization.builtName}" takes ${[...unknown].sort().join(', ')} from a Secret or a ConfigMap that was not read. Every string that uses these variables is unknown.`,
      fix: 'This is not an error, but strings with these variables are not checked.',
      ...kustomization.placeOf(['spec', 'postBuild', 'substituteFrom']),
    });
  return { manifests: filled, problems };
}

function shown(problems: readonly Problem[], prefix: string): readonly Problem[] {
  return problems.map((each) => (each.file === undefined ? each : { ...each, file: prefix + each.file }));
}
