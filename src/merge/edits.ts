import type { YamlEdit } from '../model/edit.ts';
import { isList, isObject, type JsonValue, type YamlPath } from '../model/json.ts';
import { sameValue } from '../model/same-value.ts';

/** Edits that make `from` mean `to`, each as deep in the document as it can be. */
export function editsBetween(from: JsonValue, to: JsonValue, path: YamlPath = []): readonly YamlEdit[] {
  if (sameValue(from, to)) return [];
  if (isObject(from) && isObject(to)) {
    const changed = Object.entries(to).flatMap(([key, value]): readonly YamlEdit[] =>
      Object.hasOwn(from, key)
        ? editsBetween(from[key] ?? null, value, [...path, key])
        : [{ op: 'set', path: [...path, key], value }],
    );
    const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
    return [...gone.map((key): YamlEdit => ({ op: 'delete', path: [...path, key] })), ...changed];
  }
  if (isList(from) && isList(to)) return listEdits(from, to, path);
  return [{ op: 'set', path, value: to }];
}

/** Deletions, changes in place and items at the end; a list that was put in another order is written anew. */
function listEdits(
  from: readonly JsonValue[],
  to: readonly JsonValue[],
  path: YamlPath,
): readonly YamlEdit[] {
  const whole: readonly YamlEdit[] = [{ op: 'set', path, value: to }];
  if (from.length === 0 || to.length === 0) return whole;
  if (from.length <= to.length && (from.length === to.length || isPrefix(from, to)))
    return [
      ...from.flatMap((item, index) => editsBetween(item, to[index] ?? null, [...path, index])),
      ...to.slice(from.length).map((value): YamlEdit => ({ op: 'append', path, value })),
    ];
  const kept: number[] = [];
  for (const [index, item] of from.entries())
    if (kept.length < to.length && sameValue(item, to[kept.length])) kept.push(index);
  if (kept.length < Math.min(from.length, to.length)) return whole;
  const gone = from.map((_, index) => index).filter((index) => !kept.includes(index));
  return [
    ...gone.reverse().map((index): YamlEdit => ({ op: 'delete', path: [...path, index] })),
    ...to.slice(kept.length).map((value): YamlEdit => ({ op: 'append', path, value })),
  ];
}

function isPrefix(from: readonly JsonValue[], to: readonly JsonValue[]): boolean {
  return from.every((item, index) => sameValue(item, to[index]));
}
