import { substituteObject } from '../k8s/substituted-object.ts';
import { isVariableName, variableValue, type Variables } from '../k8s/substitution.ts';
import { listAt, objectAt, stringAt, type JsonObject } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Problem } from '../model/problem.ts';

/** Variables of a Kustomization, the later source over the earlier, its own over all. What is in a Secret, or in a ConfigMap
 *  that was not read, is unknown, and may be set in the place of any that comes before. */
export function variablesOf({ built, builtNamespace }: Manifest, manifests: readonly Manifest[]): Variables {
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
export function filledIn(
  kustomization: Manifest,
  manifests: readonly Manifest[],
  variables: Variables,
): { readonly manifests: readonly Manifest[]; readonly problems: readonly Problem[] } {
  const isAlways = stringAt(kustomization.built, 'spec', 'postBuild', 'substituteStrategy') === 'Always';
  const problems: Problem[] = [...variables.known.keys()]
    .filter((name) => !isVariableName(name))
    .map((name) => ({
      rule: 'flux-refuses-variables',
      severity: 'error',
      message: `Flux refuses the build of Kustomization "${kustomization.builtName}": ${JSON.stringify(name)} is not a valid variable name.`,
      fix: 'Use letters, digits and underscores, and do not start with a digit.',
      ...kustomization.locationOf(['spec', 'postBuild']),
    }));
  const unknown = new Set<string>();
  const filled = manifests.map((manifest) => {
    const result = substituteObject(manifest.built, variables, isAlways);
    for (const name of result.unknown) unknown.add(name);
    for (const { path, why } of result.refused)
      problems.push({
        rule: 'flux-refuses-variables',
        severity: 'error',
        message: `Flux refuses the build of Kustomization "${kustomization.builtName}" because of ${manifest.kind} "${manifest.builtName}": ${why}. Before Flux 2.9, an unset variable was empty.`,
        fix: 'Set the variable, give it a default (`${name:=value}`), or write $${ where no variable is meant.',
        ...manifest.locationOf(path),
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
      ...kustomization.locationOf(['spec', 'postBuild', 'substituteFrom']),
    });
  return { manifests: filled, problems };
}
