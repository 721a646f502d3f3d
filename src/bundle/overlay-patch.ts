import type { YamlEdit } from '../model/edit.ts';
import { isObject, objectAt, stringAt, type JsonObject, type YamlPath } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { mergePatchBetween } from '../model/merge-patch.ts';
import { applyToValue, editYaml } from '../yaml/edit.ts';
import { printValue } from '../yaml/print.ts';

/** Name of the overlay's patch file for an object that other environments build too. */
export function patchFileName(manifest: Manifest): string {
  return `istio-${manifest.kind.toLowerCase()}-${manifest.name}-patch.yaml`.replace(/[^a-zA-Z0-9.-]/g, '-');
}

/** The patch file that makes the built object what the edits say. It names its object itself: given a target by the
 *  kustomization, kustomize would write the word "null" where a label or an annotation is to go.
 *  @param present  our patch file of an earlier run, which keeps what it says otherwise */
export function overlayPatch(
  manifest: Manifest,
  edits: readonly YamlEdit[],
  present: { readonly text: string; readonly file: string } | undefined,
): Outcome<string> {
  const after = applyToValue(manifest.built, edits);
  if (after === undefined || !isObject(after))
    return failure({
      rule: 'bundle-cannot-edit',
      severity: 'error',
      message: `${manifest.kind} "${manifest.builtName}" does not have the structure of its kind, so it cannot be patched.`,
      fix: 'Correct the manifest.',
      ...manifest.locationOf([]),
    });
  const delta = mergePatchBetween(manifest.built, after);
  if (present !== undefined) return editYaml(present.text, present.file, 0, leafEdits(delta));
  const { metadata: _, ...rest } = delta;
  const namespace = stringAt(manifest.written, 'metadata', 'namespace');
  const patch: JsonObject = {
    apiVersion: manifest.written.apiVersion ?? '',
    kind: manifest.kind,
    metadata: {
      name: manifest.name,
      // Without a target the patch itself says which object it means, and kustomize compares the namespace too.
      ...(namespace !== undefined && { namespace }),
      ...objectAt(delta, 'metadata'),
    },
    ...rest,
  };
  const lines = [
    '# Changes for the mesh to an object that other environments build too: this patch leaves those environments alone.',
    ...printValue(patch, 0),
  ];
  return success(`${lines.join('\n')}\n`);
}

/** One `set` for each scalar or list of a value. */
export function leafEdits(delta: JsonObject, at: YamlPath = []): YamlEdit[] {
  return Object.entries(delta).flatMap(([key, value]): YamlEdit[] => {
    const path = [...at, key];
    return isObject(value) && Object.keys(value).length > 0
      ? leafEdits(value, path)
      : [{ op: 'set', path, value }];
  });
}
