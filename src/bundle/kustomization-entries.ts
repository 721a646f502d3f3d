import type { YamlEdit } from '../model/edit.ts';
import { isObject, listAt, stringAt, stringsAt, type JsonObject } from '../model/json.ts';
import type { KustomizationFile } from '../model/manifest.ts';

/** The edits that make a kustomization take new files, written the way it writes the ones it has. */
export function referenceEdits(
  kustomization: KustomizationFile,
  resources: readonly string[],
  patches: readonly JsonObject[],
): readonly YamlEdit[] {
  const resourcesKey = kustomization.key('resources');
  const patchesKey = kustomization.key('patches');
  const known = stringsAt(kustomization.value, resourcesKey);
  const present = listAt(kustomization.value, patchesKey).filter((entry) => isObject(entry));
  const prefix = known.some((entry) => /^\.\/[^/]+\.ya?ml$/.test(entry)) ? './' : '';
  return [
    ...resources
      .filter((file) => !known.includes(file) && !known.includes(`./${file}`))
      .map((file): YamlEdit => ({ op: 'append', path: [resourcesKey], value: prefix + file })),
    ...patches
      .filter((patch) => !present.some((entry) => samePath(entry, patch)))
      .map((patch): YamlEdit => ({ op: 'append', path: [patchesKey], value: patch })),
  ];
}

function samePath(one: JsonObject, other: JsonObject): boolean {
  const clean = (patch: JsonObject) => stringAt(patch, 'path')?.replace(/^\.\//, '');
  return clean(one) === clean(other);
}
