import type { YamlEdit } from '../model/edit.ts';
import {
  isList,
  isObject,
  stringAt,
  valueAt,
  type JsonObject,
  type JsonValue,
  type YamlPath,
} from '../model/json.ts';
import { groupOf } from '../model/manifest.ts';
import type { LockedEdits, RecordedEdit } from '../model/lock.ts';
import { sameValue } from '../model/same-value.ts';
import { applyToValue, editYaml } from '../yaml/edit.ts';
import { readYaml } from '../yaml/read.ts';

/** Edits of an object with what it takes to undo them. */
export function recorded(value: JsonObject, edits: readonly YamlEdit[]): readonly RecordedEdit[] {
  const found: RecordedEdit[] = [];
  let now: JsonValue = value;
  for (const edit of edits) {
    const was = valueAt(now, ...edit.path);
    if (edit.op === 'append')
      found.push({ op: 'append', path: edit.path, value: edit.value, made: !isList(was) });
    else if (edit.op === 'set')
      found.push({ op: 'set', path: edit.path, value: edit.value, ...(was !== undefined && { was }) });
    else if (was !== undefined) found.push({ op: 'delete', path: edit.path, was });
    now = applyToValue(now, [edit]) ?? now;
  }
  return found;
}

/** A text with recorded edits taken back, the last first. What people changed since is left as they have it. */
export function withoutEdits(text: string, file: string, locked: LockedEdits): string {
  return changedText(text, file, locked, [...locked.edits].reverse(), undoing);
}

/** A text with recorded edits made again, where they are not there. */
export function withEdits(text: string, file: string, locked: LockedEdits): string {
  return changedText(text, file, locked, locked.edits, redoing);
}

type ToEdits = (value: JsonValue, edit: RecordedEdit) => readonly YamlEdit[];

function changedText(
  text: string,
  file: string,
  locked: LockedEdits,
  edits: readonly RecordedEdit[],
  toEdits: ToEdits,
): string {
  let now = text;
  for (const edit of edits) {
    const read = readYaml(now, file);
    if (!read.ok) return text;
    const place = find(read.value.documents, locked.object);
    if (place === undefined) return text;
    const wanted = toEdits(place.value, edit).map((each) => ({ ...each, path: [...place.at, ...each.path] }));
    const edited = editYaml(now, file, place.document, wanted);
    // An edit that can't be taken back stays, on both sides of the merge, and so changes nothing.
    if (edited.ok) now = edited.value;
  }
  return now;
}

function undoing(value: JsonValue, edit: RecordedEdit): readonly YamlEdit[] {
  const now = valueAt(value, ...edit.path);
  if (edit.op === 'set') {
    if (!sameValue(now, edit.value)) return [];
    if (edit.was !== undefined) return [{ op: 'set', path: edit.path, value: edit.was }];
    return [{ op: 'delete', path: edit.path, pruneEmpty: true }];
  }
  if (edit.op === 'append') {
    if (!isList(now)) return [];
    const index = now.findIndex((item) => isSameItem(item, edit.value));
    if (index < 0) return [];
    const isLast = now.length === 1 && edit.made;
    return [{ op: 'delete', path: isLast ? edit.path : [...edit.path, index], pruneEmpty: isLast }];
  }
  if (isItem(edit.path)) {
    const list = valueAt(value, ...edit.path.slice(0, -1));
    const isThere = isList(list) && list.some((item) => sameValue(item, edit.was));
    return isThere ? [] : [{ op: 'append', path: edit.path.slice(0, -1), value: edit.was }];
  }
  return now === undefined ? [{ op: 'set', path: edit.path, value: edit.was }] : [];
}

function redoing(value: JsonValue, edit: RecordedEdit): readonly YamlEdit[] {
  const now = valueAt(value, ...edit.path);
  if (edit.op === 'set')
    return sameValue(now, edit.value) ? [] : [{ op: 'set', path: edit.path, value: edit.value }];
  if (edit.op === 'append') {
    const isThere = isList(now) && now.some((item) => isSameItem(item, edit.value));
    return isThere ? [] : [{ op: 'append', path: edit.path, value: edit.value }];
  }
  if (!isItem(edit.path))
    return now === undefined ? [] : [{ op: 'delete', path: edit.path, pruneEmpty: true }];
  const above = edit.path.slice(0, -1);
  const list = valueAt(value, ...above);
  const index = isList(list) ? list.findIndex((item) => sameValue(item, edit.was)) : -1;
  return index < 0 ? [] : [{ op: 'delete', path: [...above, index] }];
}

function isItem(path: YamlPath): boolean {
  return typeof path.at(-1) === 'number';
}

/** Entries of a kustomization are the same when they name the same file. */
function isSameItem(one: JsonValue, other: JsonValue): boolean {
  const plain = (text: string) => text.replace(/^(?:\.\/)+/, '');
  if (typeof one === 'string' && typeof other === 'string') return plain(one) === plain(other);
  const [path, same] = [stringAt(one, 'path'), stringAt(other, 'path')];
  return path !== undefined && same !== undefined ? plain(path) === plain(same) : sameValue(one, other);
}

interface FoundObject {
  readonly document: number;
  readonly at: YamlPath;
  readonly value: JsonValue;
}

function find(
  documents: readonly { readonly value: JsonValue }[],
  object: LockedEdits['object'],
): FoundObject | undefined {
  for (const [document, { value }] of documents.entries()) {
    if (object === undefined) return { document, at: [], value };
    if (isObjectOf(value, object)) return { document, at: [], value };
    const items = valueAt(value, 'items');
    if (!isList(items)) continue;
    const index = items.findIndex((item) => isObjectOf(item, object));
    if (index >= 0) return { document, at: ['items', index], value: items[index] ?? null };
  }
  return undefined;
}

function isObjectOf(value: JsonValue, object: NonNullable<LockedEdits['object']>): boolean {
  return (
    isObject(value) &&
    groupOf(stringAt(value, 'apiVersion')) === object.group &&
    stringAt(value, 'kind') === object.kind &&
    stringAt(value, 'metadata', 'name') === object.name
  );
}
