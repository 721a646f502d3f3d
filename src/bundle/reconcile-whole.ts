import type { YamlEdit } from '../model/edit.ts';
import type { Reconciliation, ReconcileAction } from '../model/generator.ts';
import { isObject, stringAt, type JsonObject, type YamlPath } from '../model/json.ts';
import { groupOf, type KustomizeTree } from '../model/manifest.ts';
import { sameValue } from '../model/same-value.ts';

/** For objects that are wanted just so: what is missing is added, what is there is brought to what is wanted; fields that
 *  nobody asked for stay. */
export function reconcileWhole(
  wanted: readonly JsonObject[],
  tree: KustomizeTree,
  why: string,
): Reconciliation {
  const actions = wanted.flatMap((value, index): readonly ReconcileAction[] => {
    const manifest = tree.manifests.find(
      (each) =>
        each.kind === stringAt(value, 'kind') &&
        each.group === groupOf(stringAt(value, 'apiVersion')) &&
        each.builtName === stringAt(value, 'metadata', 'name') &&
        (each.builtNamespace ?? '') === (stringAt(value, 'metadata', 'namespace') ?? ''),
    );
    if (manifest === undefined) return [{ do: 'add', index }];
    const edits = [...differences(value, manifest.built, [])];
    return edits.length === 0 ? [] : [{ do: 'edit', manifest, edits, why }];
  });
  return { actions, problems: [] };
}

function* differences(wanted: JsonObject, built: JsonObject, at: YamlPath): Generator<YamlEdit> {
  for (const [key, value] of Object.entries(wanted)) {
    const path = [...at, key];
    const present = built[key];
    if (isObject(value) && isObject(present)) yield* differences(value, present, path);
    else if (!sameValue(value, present)) yield { op: 'set', path, value };
  }
}
