import { isList, isObject, type JsonValue } from '../model/json.ts';

/** A text that two values share exactly when `sameValue` says they are the same: lists in order, maps in any. */
export function canonical(value: JsonValue): string {
  if (isList(value)) return `[${value.map(canonical).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join()}}`;
}
