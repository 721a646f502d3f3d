import { sameValue } from '../model/same-value.ts';
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { YamlEdit } from '../model/edit.ts';
import { isObject, valueAt, type JsonValue, type YamlPath } from '../model/json.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { applyToValue } from './apply-value.ts';
import { insertItem, insertPair, replaceValue } from './insert.ts';
import { isUnwritten, locate, type LocatedNode } from './locate.ts';
import { readYaml, type YamlDocument, type YamlStream } from './read.ts';
import { removeEntry } from './remove.ts';
import { spliceAll, type Splice } from './splice.ts';
import { styleOf, type Style } from './style.ts';

export { applyToValue } from './apply-value.ts';

/** Edits one document of a text that is not ours by splicing: every byte outside the changed entries stays. The result
 *  is read again and must mean exactly what the edits say, in this document and in every other; else it is refused.
 *  @param documentIndex  number of the document in the stream, from 0
 *  @returns the new text, the same string when nothing changes; problems `yaml-cannot-edit`, `yaml-sops`, and those of
 *  `readYaml` */
export function editYaml(
  text: string,
  file: string,
  documentIndex: number,
  edits: readonly YamlEdit[],
): Outcome<string> {
  let now = text;
  for (const edit of edits) {
    const edited = editOnce(now, file, documentIndex, edit);
    if (!edited.ok) return edited;
    now = edited.value;
  }
  return success(now);
}

function editOnce(text: string, file: string, index: number, edit: YamlEdit): Outcome<string> {
  const stream = readYaml(text, file);
  if (!stream.ok) return stream;
  const document = stream.value.documents[index];
  if (document === undefined) throw new Error(`${file} has no document ${String(index)}`);
  if (isObject(document.value) && isObject(document.value.sops))
    return failure({
      rule: 'yaml-sops',
      severity: 'error',
      message: 'The document is encrypted with SOPS; any change breaks its checksum.',
      fix: 'Edit it with sops, or move what must change to a plain file.',
      file,
      ...document.placeOf([]),
    });
  const wanted = applyToValue(document.value, [edit]);
  if (wanted === undefined)
    return failure(
      cannotEdit(
        file,
        document,
        edit.path,
        'the path leads through something that is neither a map nor a list',
      ),
    );
  if (sameValue(wanted, document.value)) return success(text);
  const splices = splicesOf(text, document, edit, styleOf(document.node, text));
  if (splices === undefined)
    return failure(
      cannotEdit(
        file,
        document,
        edit.path,
        'it is written in a form that cannot be changed by itself (an alias, an anchor, a tag or an unusual layout)',
      ),
    );
  const after = spliceAll(text, splices);
  return holds(stream.value, after, index, wanted)
    ? success(after)
    : failure(cannotEdit(file, document, edit.path, 'a change there would alter other parts of the file'));
}

function cannotEdit(file: string, document: YamlDocument, path: YamlPath, why: string): Problem {
  return {
    rule: 'yaml-cannot-edit',
    severity: 'error',
    message: `"${path.join('.')}" was not changed: ${why}.`,
    fix: 'Make the change by hand, or rewrite this part as plain YAML and run again.',
    file,
    ...document.placeOf(path),
  };
}

function splicesOf(text: string, document: YamlDocument, edit: YamlEdit, style: Style): Splice[] | undefined {
  return edit.op === 'delete'
    ? removal(text, document, edit.path, edit.pruneEmpty === true, style)
    : writing(text, document, edit, style);
}

function writing(
  text: string,
  document: YamlDocument,
  edit: Exclude<YamlEdit, { op: 'delete' }>,
  style: Style,
): Splice[] | undefined {
  const { spots, depth } = locate(document.node, edit.path);
  const spot = spots[depth];
  if (spot === undefined || isAlias(spot.node)) return undefined;
  const rest = edit.path.slice(depth);
  const [key, ...below] = rest;
  if (key === undefined) {
    if (edit.op === 'set') return replaceValue(text, spot, edit.value, style);
    if (isSeq(spot.node) && !isEmptyIn(spot)) return insertItem(text, spot.node, edit.value, style);
    return replaceValue(text, spot, [edit.value], style);
  }
  const leaf: JsonValue = edit.op === 'append' ? [edit.value] : edit.value;
  const value = wrapped(leaf, below);
  if (isMap(spot.node) && isEmptyIn(spot)) return replaceValue(text, spot, { [String(key)]: value }, style);
  if (isMap(spot.node)) return insertPair(text, spot.node, String(key), value, style);
  const isNothing = isUnwritten(spot.node) || (isScalar(spot.node) && spot.node.value === null);
  return isNothing && spot.pair !== undefined
    ? replaceValue(text, spot, { [String(key)]: value }, style)
    : undefined;
}

/** `{}` or `[]` as the value of a block map: what is added there is written in block style, like its surroundings. */
function isEmptyIn({ node, pair, inFlow }: LocatedNode): boolean {
  return !inFlow && pair !== undefined && (isMap(node) || isSeq(node)) && node.items.length === 0;
}

function wrapped(leaf: JsonValue, path: YamlPath): JsonValue {
  return [...path].reverse().reduce((value: JsonValue, key): JsonValue => ({ [String(key)]: value }), leaf);
}

function removal(
  text: string,
  document: YamlDocument,
  path: YamlPath,
  pruneEmpty: boolean,
  style: Style,
): Splice[] | undefined {
  const full = pruneEmpty ? prunedPath(document.value, path) : path;
  const { spots, depth } = locate(document.node, full);
  const parent = spots[depth - 1];
  if (depth !== full.length || parent === undefined) return undefined;
  const collection = parent.node;
  if (!isMap(collection) && !isSeq(collection)) return undefined;
  if (collection.items.length === 1)
    return depth === 1 ? undefined : replaceValue(text, parent, isMap(collection) ? {} : [], style);
  const step = full.at(-1);
  const index = isMap(collection)
    ? collection.items.findIndex((pair) => isScalar(pair.key) && String(pair.key.value) === String(step))
    : Number(step);
  return removeEntry(text, collection, index);
}

/** The highest ancestor that would be left empty. */
function prunedPath(value: JsonValue, path: YamlPath): YamlPath {
  let at = path;
  while (at.length > 1) {
    const parent = valueAt(value, ...at.slice(0, -1));
    if (!isObject(parent) || Object.keys(parent).length !== 1 || typeof at.at(-2) === 'number') return at;
    at = at.slice(0, -1);
  }
  return at;
}

/** Whether `after` means `wanted` in the edited document, and the same as before in all others. */
function holds(before: YamlStream, after: string, index: number, wanted: JsonValue): boolean {
  const read = readYaml(after, before.file);
  if (!read.ok || read.value.documents.length !== before.documents.length) return false;
  return read.value.documents.every((document, at) =>
    sameValue(document.value, at === index ? wanted : (before.documents[at]?.value ?? null)),
  );
}
