import type { JsonValue, YamlPath } from '../model/json.ts';

/** A conflict before its object and file are known. */
export interface MergeDisagreement {
  readonly path: YamlPath;
  readonly base: JsonValue | undefined;
  readonly ours: JsonValue | undefined;
  readonly theirs: JsonValue | undefined;
}

/** Conflicts name an element of a list by where it ends up. */
export function renumber(
  disagreements: MergeDisagreement[],
  range: { readonly from: number; readonly to: number } | undefined,
  depth: number,
  place: number,
): void {
  for (let index = range?.from ?? 0; index < (range?.to ?? 0); index++) {
    const each = disagreements[index];
    if (each !== undefined)
      disagreements[index] = { ...each, path: each.path.map((step, at) => (at === depth ? place : step)) };
  }
}
