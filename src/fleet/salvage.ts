import type { z } from 'zod';
import { isObject, type JsonValue, type YamlPath } from '../model/json.ts';
import { applyToValue } from '../yaml/apply-value.ts';

/** Stand-ins for parts that say nothing about the namespaces. */
const standIns: Readonly<Record<string, JsonValue>> = {
  mesh: { istioVersion: '1.0.0', revision: 'unknown', gateway: { serviceAccount: 'unknown' } },
  forge: { kind: 'local', directory: '.' },
  version: 1,
};

/** The value without what the issues are about: unknown keys and wrong values go, a broken mesh or forge is replaced. */
export function withoutErrors(value: JsonValue, issues: readonly z.core.$ZodIssue[]): JsonValue {
  let rest = value;
  for (const issue of issues) {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    const [top] = path;
    const standIn = typeof top === 'string' ? standIns[top] : undefined;
    if (typeof top === 'string' && standIn !== undefined) rest = set(rest, top, standIn);
    else if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) rest = remove(rest, [...path, key]);
    else rest = remove(rest, path);
  }
  return rest;
}

function set(value: JsonValue, key: string, member: JsonValue): JsonValue {
  return isObject(value) ? { ...value, [key]: member } : value;
}

function remove(value: JsonValue, path: YamlPath): JsonValue {
  // Taking an item out of a list would move the others away from their places.
  if (path.length === 0 || typeof path.at(-1) === 'number') return value;
  return applyToValue(value, [{ op: 'delete', path }]) ?? value;
}
