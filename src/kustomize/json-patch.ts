import { isList, isObject, objectAt, type JsonObject, type JsonValue, type YamlPath } from '../model/json.ts';
import { sameValue } from '../model/same-value.ts';

/** One operation of a JSON patch. */
export interface JsonPatchOperation {
  readonly op: string;
  /** undefined: it says none, or no text */
  readonly path: string | undefined;
  readonly from: string | undefined;
  readonly value: JsonValue | undefined;
}

/** @returns undefined where the value is no JSON patch
 *  @see https://www.rfc-editor.org/rfc/rfc6902 */
export function parseJsonPatch(value: JsonValue): readonly JsonPatchOperation[] | undefined {
  if (!isList(value)) return undefined;
  const operations: JsonPatchOperation[] = [];
  for (const item of value) {
    if (!isObject(item)) return undefined;
    const text = (key: 'op' | 'path' | 'from') => (typeof item[key] === 'string' ? item[key] : undefined);
    operations.push({
      op: text('op') ?? 'unknown',
      path: text('path'),
      from: text('from'),
      value: item.value,
    });
  }
  return operations;
}

/** The paths that operations write. */
export function pathsOfJsonPatch(operations: readonly JsonPatchOperation[]): readonly YamlPath[] {
  return operations.flatMap(({ op, path, from }) => {
    if (op === 'test') return [];
    const written = path === undefined ? [] : [stepsOf(path)];
    return op === 'move' && from !== undefined ? [...written, stepsOf(from)] : written;
  });
}

/** An object after a JSON patch, or why kustomize refuses the patch. */
export type JsonPatched =
  { readonly value: JsonObject; readonly refused?: undefined } | { readonly refused: string };

/** Applies a JSON patch as the library does that kustomize uses: `replace` sets a member that is not there, an index below
 *  zero counts from the end. While it builds, kustomize keeps notes of its own in an object's annotations, so that an
 *  operation on one of them finds the map.
 *  @see https://github.com/evanphx/json-patch/blob/v4.13.0/patch.go */
export function applyJsonPatch(target: JsonObject, operations: readonly JsonPatchOperation[]): JsonPatched {
  const metadata = objectAt(target, 'metadata');
  let value: JsonValue = {
    ...target,
    metadata: { ...metadata, annotations: objectAt(metadata, 'annotations') },
  };
  for (const operation of operations) {
    const next = applyOne(value, operation);
    if ('refused' in next) return next;
    value = next.value;
  }
  return isObject(value) ? { value } : { refused: 'the result is not an object' };
}

type PatchResult = { readonly value: JsonValue } | { readonly refused: string };

function applyOne(document: JsonValue, { op, path, from, value }: JsonPatchOperation): PatchResult {
  if (!['add', 'remove', 'replace', 'move', 'copy', 'test'].includes(op))
    return { refused: `Unexpected kind: ${op}` };
  if (path === undefined) return { refused: `${op} operation failed to decode path: missing value` };
  switch (op) {
    case 'add':
      return written(document, path, 'add', value ?? null);
    case 'replace':
      if (path === '')
        return isObject(value ?? null) || isList(value ?? null) ? { value: value ?? null } : notWhole;
      return written(document, path, 'replace', value ?? null);
    case 'remove':
      return written(document, path, 'remove', null);
    case 'test': {
      const found = path === '' ? { found: document } : read(document, path);
      if ('refused' in found) return { refused: `test operation does not apply: ${found.refused}` };
      return sameValue(found.found ?? null, value ?? null)
        ? { value: document }
        : { refused: `testing value ${path} failed: test failed` };
    }
    default: {
      if (from === undefined) return { refused: `${op} operation failed to decode from: missing value` };
      const found = read(document, from);
      if ('refused' in found) return { refused: `${op} operation does not apply: ${found.refused}` };
      const rest = op === 'move' ? written(document, from, 'remove', null) : { value: document };
      return 'refused' in rest ? rest : written(rest.value, path, 'add', found.found ?? null);
    }
  }
}

const notWhole = { refused: 'replace operation value must be object or array' };

function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(
  document: JsonValue,
  pointer: string,
): { readonly found: JsonValue | undefined } | { readonly refused: string } {
  const steps = stepsOf(pointer);
  const last = steps.at(-1);
  if (last === undefined) return missing(pointer);
  let value: JsonValue | undefined = document;
  for (const step of steps.slice(0, -1)) value = memberOf(value, step);
  if (isList(value ?? null)) {
    const index = indexOf(last, (value as readonly JsonValue[]).length);
    return typeof index === 'string' ? { refused: index } : { found: (value as readonly JsonValue[])[index] };
  }
  return isObject(value ?? null) ? { found: memberOf(value, last) } : missing(pointer);
}

function memberOf(value: JsonValue | undefined, step: string): JsonValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (isList(value)) {
    const index = indexOf(step, value.length);
    return typeof index === 'string' ? undefined : value[index];
  }
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

function missing(pointer: string): { readonly refused: string } {
  return { refused: `doc is missing path: "${pointer}": missing value` };
}

/** The place of an item of a list of `length`, or what is wrong. */
function indexOf(step: string, length: number): number | string {
  const index = /^[+-]?\d{1,9}$/.test(step) ? Number(step) : undefined;
  if (index === undefined) return `value was not a proper array index: '${step}'`;
  const at = index < 0 ? index + length : index;
  return at < 0 || at >= length ? `Unable to access invalid index: ${step}: invalid index referenced` : at;
}

function written(
  document: JsonValue,
  pointer: string,
  how: 'add' | 'replace' | 'remove',
  value: JsonValue,
): PatchResult {
  const steps = stepsOf(pointer);
  const last = steps.at(-1);
  const result = last === undefined ? undefined : writtenAt(document, steps, how, value);
  if (result === undefined)
    return { refused: `${how} operation does not apply: ${missing(pointer).refused}` };
  return 'refused' in result
    ? { refused: `error in ${how} for path: '${pointer}': ${result.refused}` }
    : result;
}

/** undefined: nothing is there that could hold the value */
function writtenAt(
  container: JsonValue | undefined,
  steps: readonly string[],
  how: 'add' | 'replace' | 'remove',
  value: JsonValue,
): PatchResult | undefined {
  const [step, ...rest] = steps;
  if (step === undefined || container === undefined || container === null) return undefined;
  if (rest.length > 0) {
    const inner = writtenAt(memberOf(container, step), rest, how, value);
    if (inner === undefined || 'refused' in inner) return inner;
    if (isList(container)) {
      const index = Number(indexOf(step, container.length));
      return { value: container.map((item, at) => (at === index ? inner.value : item)) };
    }
    return { value: withMember(container, step, inner.value) };
  }
  if (isList(container)) return inList(container, step, how, value);
  if (!isObject(container)) return undefined;
  if (how !== 'remove') return { value: withMember(container, step, value) };
  if (!Object.hasOwn(container, step))
    return { refused: `Unable to remove nonexistent key: ${step}: missing value` };
  return { value: Object.fromEntries(Object.entries(container).filter(([key]) => key !== step)) };
}

function inList(
  list: readonly JsonValue[],
  step: string,
  how: 'add' | 'replace' | 'remove',
  value: JsonValue,
): PatchResult {
  if (how === 'add' && step === '-') return { value: [...list, value] };
  const index = indexOf(step, how === 'add' ? list.length + 1 : list.length);
  if (typeof index === 'string') return { refused: index };
  const items = [...list];
  if (how === 'add') items.splice(index, 0, value);
  else if (how === 'replace') items[index] = value;
  else items.splice(index, 1);
  return { value: items };
}

function withMember(value: JsonValue, key: string, member: JsonValue): JsonObject {
  const members = new Map(isObject(value) ? Object.entries(value) : []);
  members.set(key, member);
  return Object.fromEntries(members);
}
