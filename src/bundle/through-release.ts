import type { YamlEdit } from '../model/edit.ts';
import {
  isList,
  isObject,
  listAt,
  objectAt,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
  type YamlPath,
} from '../model/json.ts';
import { parseJsonPatch } from '../kustomize/json-patch.ts';
import { sameValue } from '../model/same-value.ts';
import type { Manifest } from '../model/manifest.ts';
import { mergePatchBetween } from '../model/merge-patch.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { applyToValue } from '../yaml/edit.ts';
import { documentValues } from '../yaml/documents.ts';
import { leafEdits } from './overlay-patch.ts';

/** What to change in a HelmRelease so that an object of its chart becomes what the edits say: a patch among its
 *  `postRenderers`, which Helm applies to what it renders. One that an earlier run wrote for the same object and fields is
 *  brought to what it must say now.
 *  @see https://fluxcd.io/flux/components/helm/helmreleases/#post-renderers */
export function throughRelease(
  manifest: Manifest,
  release: Manifest,
  edits: readonly YamlEdit[],
): Outcome<readonly YamlEdit[]> {
  const after = applyToValue(manifest.built, edits);
  const delta = isObject(after) ? mergePatchBetween(manifest.built, after) : undefined;
  // A post-renderer's patch has a target, and kustomize then writes the word "null" where a label is to go.
  if (delta === undefined || hasNull(delta.metadata))
    return failure({
      rule: 'bundle-cannot-edit',
      severity: 'error',
      message: `${manifest.kind} "${manifest.builtName}" is made by the chart of HelmRelease "${release.builtName}", and no post-renderer can change it as the mesh needs.`,
      fix: 'Change the values of the release, or the chart.',
      ...release.locationOf(['spec']),
    });
  if (Object.keys(delta).length === 0) return success([]);
  const target = {
    ...(manifest.group !== '' && { group: manifest.group }),
    kind: manifest.kind,
    name: manifest.builtName,
  };
  const edited: YamlEdit[] = [];
  const added: JsonObject[] = [];
  for (const patch of patchesFor(manifest, delta)) {
    const path = placeOfOurs(release, target, patch);
    const text = JSON.stringify(patch);
    if (path === undefined) added.push({ target, patch: text });
    else edited.push({ op: 'set', path, value: text });
  }
  const value = { kustomize: { patches: added } };
  return success(
    added.length === 0 ? edited : [...edited, { op: 'append', path: ['spec', 'postRenderers'], value }],
  );
}

/** A merge for maps, and operations for lists, which kustomize would merge item by item. */
function patchesFor(manifest: Manifest, delta: JsonObject): readonly JsonValue[] {
  const leaves = leafEdits(delta).flatMap((edit) => (edit.op === 'set' ? [edit] : []));
  const isOperation = ({ path, value }: (typeof leaves)[number]) =>
    isList(value) && valueAt(manifest.built, ...path.slice(0, -1)) !== undefined;
  const operations = leaves.filter(isOperation).map(({ path, value }) => ({
    op: 'add',
    path: path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    value,
  }));
  const named = { apiVersion: manifest.built.apiVersion ?? '', kind: manifest.kind };
  const merges = leaves.filter((leaf) => !isOperation(leaf));
  const merge = applyToValue({ ...named, metadata: { name: manifest.builtName } }, merges);
  return [
    ...(merges.length > 0 && merge !== undefined ? [merge] : []),
    ...(operations.length > 0 ? [operations] : []),
  ];
}

/** Where the release has a patch of the same object and fields; undefined: nowhere. */
function placeOfOurs(release: Manifest, target: JsonObject, patch: JsonValue): YamlPath | undefined {
  const fields = fieldsOf(patch);
  for (const [at, renderer] of listAt(release.built, 'spec', 'postRenderers').entries())
    for (const [index, entry] of listAt(renderer, 'kustomize', 'patches').entries()) {
      const [value, ...more] = documentValues(stringAt(entry, 'patch') ?? '');
      if (value === undefined || more.length > 0 || fieldsOf(value) !== fields) continue;
      if (sameValue(objectAt(entry, 'target'), target))
        return ['spec', 'postRenderers', at, 'kustomize', 'patches', index, 'patch'];
    }
  return undefined;
}

function fieldsOf(patch: JsonValue): string {
  const fields = isObject(patch)
    ? leafEdits(patch).map(({ path }) => path.join('\n'))
    : (parseJsonPatch(patch) ?? []).map(({ op, path }) => `${op} ${path ?? ''}`);
  return JSON.stringify(fields.sort());
}

function hasNull(value: JsonValue | undefined): boolean {
  return value === null || (isObject(value) && Object.values(value).some(hasNull));
}
