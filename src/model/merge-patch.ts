import { isObject, type JsonObject, type JsonValue } from './json.ts';
import { sameValue } from './same-value.ts';

/** What a merge patch must say to turn `before` into `after`: as JSON merge patch (RFC 7386), and as kustomize's strategic
 *  merge patch of a custom resource. Of metadata, labels and annotations only the keys that go are nulled, never the map:
 *  others may keep keys of theirs there, on the cluster or in a base of tomorrow.
 *  @see https://www.rfc-editor.org/rfc/rfc7386 */
export function mergePatchBetween(before: JsonObject, after: JsonObject): JsonObject {
  return patchWithin('', before, after);
}

function patchWithin(parent: string, before: JsonObject, after: JsonObject): JsonObject {
  const patch: [string, JsonValue][] = [];
  for (const [key, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    if (sameValue(old, value) || (value === null && isShared(parent, key))) continue;
    patch.push([key, isObject(value) ? patchWithin(key, isObject(old) ? old : {}, value) : value]);
  }
  for (const [key, old] of Object.entries(before)) {
    const isGone = !Object.hasOwn(after, key) || (after[key] === null && isShared(parent, key));
    if (!isGone) continue;
    if (!isShared(parent, key)) patch.push([key, null]);
    else if (isObject(old) && Object.keys(old).length > 0) patch.push([key, patchWithin(key, old, {})]);
  }
  return Object.fromEntries(patch);
}

/** Maps that more than one hand writes. */
function isShared(parent: string, key: string): boolean {
  return key === 'metadata' || (parent === 'metadata' && (key === 'labels' || key === 'annotations'));
}
