import { isList, isObject, type JsonValue } from '../model/json.ts';
import type { Written, WrittenEntry } from '../yaml/blocks.ts';

export const nothing: Written = { kind: 'leaf', value: null, column: 0, entries: [], tail: '' };

/** A value without text. */
export function plainNode(value: JsonValue): Written {
  const entry = (key: string, member: JsonValue): WrittenEntry => ({
    key,
    lead: '',
    body: JSON.stringify(member),
    head: '',
    value: { ...nothing, value: member },
    post: undefined,
  });
  if (isList(value))
    return { kind: 'list', value, column: 0, entries: value.map((item) => entry('', item)), tail: '' };
  if (isObject(value)) {
    const entries = Object.entries(value).map(([key, member]) => entry(key, member));
    return { kind: 'map', value, column: 0, entries, tail: '' };
  }
  return { ...nothing, value };
}
