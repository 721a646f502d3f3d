import { isList, isObject, type JsonValue } from './json.ts';

/** A text that two values share exactly when `sameValue` says they are the same: lists in order, maps in any. */
export function canonical(value: JsonValue): string {
  if (isList(value)) return `[${value.map(canonical).join()}]`;
  // JSON has no words for YAML's .nan and .inf, and one for 0 and -0.
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : String(value);
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join()}}`;
}
