import { isList, isObject, type JsonValue } from './json.ts';

/** Whether two values mean the same: lists in order, maps in any. */
export function sameValue(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  // YAML's .nan is a value like others.
  if (one === other || Object.is(one, other)) return true;
  if (isList(one)) {
    return (
      isList(other) &&
      one.length === other.length &&
      one.every((item, index) => sameValue(item, other[index]))
    );
  }
  if (!isObject(one) || !isObject(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && sameValue(one[key], other[key]))
  );
}
