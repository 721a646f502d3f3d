import { isList, isObject, type JsonValue } from '../model/json.ts';

/** Leaves beyond this many do not count: a hostile list must not cost time without bound. */
const maxLeaves = 400;

/** How alike two values are, from 0 to 1: the share of `path=scalar` pairs they have in common. */
export function likeness(one: readonly string[], other: readonly string[]): number {
  const most = Math.max(one.length, other.length);
  if (most === 0) return 0;
  const left = new Map<string, number>();
  for (const leaf of one) left.set(leaf, (left.get(leaf) ?? 0) + 1);
  let common = 0;
  for (const leaf of other) {
    const count = left.get(leaf) ?? 0;
    if (count > 0) {
      common++;
      left.set(leaf, count - 1);
    }
  }
  return common / most;
}

/** `path=scalar` of every scalar in a value; list indexes do not count. */
export function leavesOf(value: JsonValue, ignore?: (path: string) => boolean): readonly string[] {
  const found: string[] = [];
  const walk = (at: JsonValue, path: string): void => {
    if (found.length >= maxLeaves) return;
    if (isList(at)) for (const item of at) walk(item, `${path}[]`);
    else if (isObject(at)) for (const [key, item] of Object.entries(at)) walk(item, `${path}.${key}`);
    else if (ignore?.(path) !== true) found.push(`${path}=${JSON.stringify(at)}`);
  };
  walk(value, '');
  return found;
}
