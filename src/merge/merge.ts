import type { Conflict, Merged, MergeInput } from '../model/merge.ts';
import { commentsIn } from '../yaml/comments.ts';
import { isObject, objectAt, stringAt, type JsonValue } from '../model/json.ts';
import { groupOf } from '../model/manifest.ts';
import { failure, success, type Outcome, type Problem, type ResourceRef } from '../model/problem.ts';
import { writtenDocuments, type WrittenDocument } from '../yaml/blocks.ts';
import { editYaml } from '../yaml/edit.ts';
import { readYaml } from '../yaml/read.ts';
import { align, type Row, type RowSide } from './align.ts';
import type { MergeDisagreement } from './disagreement.ts';
import { editsBetween } from './edits.ts';
import { manifestIdentity } from './identity.ts';
import type { Side } from './match.ts';
import { mergeCollection, mergeValue, type Author, type MergeContext } from './node.ts';
import { mergeOrder } from './order.ts';
import { sameValue } from '../model/same-value.ts';
import { dedented, withBreaks } from './text.ts';

/** Merges three versions of a YAML stream, object by object and field by field (docs/MERGE.md). Ours is spliced: what only
 *  we changed, or nobody did, keeps its bytes. Where both changed the same place differently, ours stays and a conflict
 *  says so; the text always parses.
 *  @param file  the name of our file in problems and conflicts
 *  @param theirs  who wrote the other side: comments of people must not get lost, those of templates may
 *  @returns problems of `readYaml` for a side that is not YAML, its name in their `file` */
export function mergeYaml(input: MergeInput, file: string, by: Author = 'templates'): Outcome<Merged> {
  const { base, ours, theirs } = input;
  const untouched = (text: string): Outcome<Merged> => success({ text, conflicts: [] });
  if (ours === theirs || base === theirs) return untouched(ours);
  if (base === ours) return untouched(theirs);
  const mark = ours.startsWith('\uFEFF') ? '\uFEFF' : '';
  const merged = mergeStreams(
    { base: withoutMark(base), ours: withoutMark(ours), theirs: withoutMark(theirs) },
    file,
    by,
  );
  return merged.ok ? success({ ...merged.value, text: mark + merged.value.text }) : merged;
}

function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function mergeStreams(input: MergeInput, file: string, by: Author): Outcome<Merged> {
  const [base, ours, theirs] = [
    readYaml(input.base, `${file} (base)`),
    readYaml(input.ours, file),
    readYaml(input.theirs, `${file} (theirs)`),
  ];
  const problems = [base, ours, theirs].flatMap((read) => (read.ok ? [] : read.problems));
  if (!base.ok || !ours.ok || !theirs.ok) return failure(...problems);
  const sides = [base.value, ours.value, theirs.value].map((stream) => writtenDocuments(stream));
  const [from, mine, other] = sides;
  if (from === undefined || mine === undefined || other === undefined) return failure(oddDocuments(file));
  const rows = align(sideOf(from), sideOf(mine), sideOf(other), likely);
  if (rows === undefined) return failure(tooDifferent(file));
  const found: MergedDocument[] = [];
  for (const row of rows) {
    const versions = { base: at(from, row.base), ours: at(mine, row.ours), theirs: at(other, row.theirs) };
    const part = mergeDocument(row, versions, file, by);
    if (part !== undefined) found.push(part);
  }
  return assembled(found, input, mine.at(0)?.style.newline ?? '\n', file);
}

/** Which documents of `ours` are those of `base`, people's changes aside, and which of `base` are gone.
 *  @returns indexes in `ours`; values of `base` */
export function alignedDocuments(
  base: string,
  ours: string,
): { readonly matched: ReadonlySet<number>; readonly missing: readonly JsonValue[] } {
  const [from, mine] = [base, ours].map((text) => {
    const read = readYaml(text, '');
    return read.ok ? read.value.documents.map(({ value }) => value) : [];
  });
  const side = (values: readonly JsonValue[] = []): Side => ({ values, keys: values.map(keyOf) });
  const aligned = align(side(from), side(mine), side([]), likely) ?? [];
  const rows = aligned.filter((row) => row.base !== undefined);
  return {
    matched: new Set(rows.flatMap((row) => row.ours ?? [])),
    missing: rows.filter((row) => row.ours === undefined).map((row) => from?.[row.base ?? 0] ?? null),
  };
}

/** One document of the result. */
interface MergedDocument {
  readonly row: Row;
  readonly open: string;
  readonly content: string;
  readonly value: JsonValue;
  readonly disagreements: readonly MergeDisagreement[];
  /** The document is gone from the result; only its disagreement is left. */
  readonly isGone: boolean;
  readonly isForeign: boolean;
}

/** What nearly all objects have in common says nothing about which one it is. */
const likely = {
  threshold: 0.6,
  renamed: 0.6,
  ignore: (path: string) =>
    path === '.apiVersion' || path === '.kind' || path === '.metadata.namespace' || path === '.spec.action',
  body: withoutName,
};

/** A policy that refuses everything holds nothing but its name; under another one it is still the same. */
function withoutName(value: JsonValue): JsonValue {
  if (!isObject(value) || !isObject(value.metadata)) return value;
  const { name: _, ...metadata } = value.metadata;
  return { ...value, metadata };
}

function sideOf(documents: readonly WrittenDocument[]): Side {
  const values = documents.map(({ root }) => root.value);
  return { values, keys: values.map(keyOf) };
}

/** A lone map without kind is the same file's map on each side: values files, kustomizations without a kind. So is a lone
 *  object without a name, such as a configuration file of a control plane. */
function keyOf(value: JsonValue): string | undefined {
  const identity = manifestIdentity(value);
  if (identity !== undefined || !isObject(value)) return identity;
  const kind = stringAt(value, 'kind');
  if (kind === undefined) return value.kind === undefined ? 'map' : undefined;
  const prefix = stringAt(value, 'metadata', 'generateName') ?? '';
  return JSON.stringify(['nameless', groupOf(stringAt(value, 'apiVersion')), kind, prefix]);
}

function at<T>(list: readonly T[], index: number | undefined): T | undefined {
  return index === undefined ? undefined : list[index];
}

/** One document in each of the three texts; undefined: not there. */
interface DocumentVersions {
  readonly base: WrittenDocument | undefined;
  readonly ours: WrittenDocument | undefined;
  readonly theirs: WrittenDocument | undefined;
}

function mergeDocument(
  row: Row,
  { base, ours, theirs }: DocumentVersions,
  file: string,
  by: Author,
): MergedDocument | undefined {
  const disagreement = {
    path: [],
    base: base?.root.value,
    ours: ours?.root.value,
    theirs: theirs?.root.value,
  };
  const part = { row, disagreements: [], isGone: false, isForeign: false };
  if (ours === undefined) {
    if (theirs === undefined) return undefined;
    const whole = { ...part, open: theirs.open, content: theirs.content, value: theirs.root.value };
    if (base === undefined) return { ...whole, isForeign: true };
    if (sameValue(base.root.value, theirs.root.value)) return undefined;
    return { ...whole, isGone: true, disagreements: [disagreement] };
  }
  const kept = { ...part, open: ours.open, content: ours.content, value: ours.root.value };
  if (theirs === undefined) {
    if (base === undefined) return kept;
    if (sameValue(base.root.value, ours.root.value) && !hasMoreComments(ours, base)) return undefined;
    return { ...kept, disagreements: [disagreement] };
  }
  return { ...kept, ...mergeContent(base, ours, theirs, file, by) };
}

function hasMoreComments(ours: WrittenDocument, base: WrittenDocument): boolean {
  return dedented(ours.content, 0) !== dedented(base.content, 0) && ours.content.includes('#');
}

function mergeContent(
  base: WrittenDocument | undefined,
  ours: WrittenDocument,
  theirs: WrittenDocument,
  file: string,
  by: Author,
): Pick<MergedDocument, 'content' | 'value' | 'disagreements'> {
  const plain = (document: WrittenDocument | undefined) =>
    document === undefined ? undefined : dedented(document.content, 0);
  const [before, here, there] = [plain(base), plain(ours), plain(theirs)];
  const asIs = { content: ours.content, value: ours.root.value, disagreements: [] };
  if (here === there || before === there) return asIs;
  if (before === here)
    return {
      content: withBreaks(theirs.content, ours.style),
      value: theirs.root.value,
      disagreements: [],
    };
  const context: MergeContext = {
    group: groupOf(stringAt(ours.root.value, 'apiVersion')),
    kind: stringAt(ours.root.value, 'kind') ?? '',
    by,
    ours: ours.style,
    theirs: theirs.style,
    disagreements: [],
  };
  const isBlock = ours.root.kind !== 'leaf' && ours.root.kind === theirs.root.kind;
  const merged = isBlock
    ? mergeCollection(base?.root, ours.root, theirs.root, [], context)
    : {
        value: mergeValue(base?.root.value, ours.root.value, theirs.root.value, [], context),
        text: ours.content,
      };
  const content = written(merged, ours, file);
  if (content !== undefined && keepsComments(content, ours, base)) {
    const lost = by === 'people' ? lostComments(content, theirs, base) : [];
    if (lost.length > 0) {
      const own = lostComments(theirs.content, ours, base);
      context.disagreements.push({ path: [], base: undefined, ours: own, theirs: lost });
    }
    return { content, value: merged.value, disagreements: context.disagreements };
  }
  const whole = { path: [], base: base?.root.value, ours: ours.root.value, theirs: theirs.root.value };
  return { ...asIs, disagreements: [whole] };
}

/** Whether what people noted is still there: a comment has no place any more where the templates write another form. */
function keepsComments(content: string, ours: WrittenDocument, base: WrittenDocument | undefined): boolean {
  return lostComments(content, ours, base).length === 0;
}

/** Comments that a side added, and that a text does not have. */
function lostComments(
  content: string,
  side: WrittenDocument,
  base: WrittenDocument | undefined,
): readonly string[] {
  const now = new Set(commentsIn(content));
  const known = new Set(base === undefined ? [] : commentsIn(base.content));
  return commentsIn(side.content).filter((comment) => !now.has(comment) && !known.has(comment));
}

/** The text that means the merged value: as it was put together, or else ours with the difference edited in. */
function written(
  merged: { readonly value: JsonValue; readonly text: string },
  ours: WrittenDocument,
  file: string,
): string | undefined {
  const isEmpty = isObject(merged.value) && Object.keys(merged.value).length === 0;
  const put = isEmpty ? `${merged.text}{}${ours.style.newline}` : merged.text;
  for (const text of new Set([put, ours.content])) {
    const read = readYaml(text, file);
    if (!read.ok || read.value.documents.length > 1) continue;
    const now = read.value.documents[0]?.value ?? null;
    if (sameValue(now, merged.value)) return text;
    if (read.value.documents.length === 0) continue;
    const edited = editYaml(text, file, 0, editsBetween(now, merged.value));
    if (!edited.ok) continue;
    const after = readYaml(edited.value, file);
    if (after.ok && sameValue(after.value.documents[0]?.value, merged.value)) return edited.value;
  }
  return undefined;
}

function assembled(
  parts: readonly MergedDocument[],
  input: MergeInput,
  newline: string,
  file: string,
): Outcome<Merged> {
  const alive = parts.filter(({ isGone }) => !isGone);
  const inOrder = (side: RowSide) =>
    alive
      .map(({ row }, index) => ({ at: row[side], index }))
      .filter((each): each is { at: number; index: number } => each.at !== undefined)
      .sort((a, b) => a.at - b.at)
      .map(({ index }) => index);
  const { order } = mergeOrder(inOrder('base'), inOrder('ours'), inOrder('theirs'));
  const ordered = order.flatMap((index) => alive[index] ?? []);
  // A file of comments only is what is left where people switched everything off.
  let text = parts.some(({ row }) => row.ours !== undefined) ? '' : input.ours;
  for (const [index, { open, content, isForeign }] of ordered.entries()) {
    if (text !== '' && !text.endsWith('\n')) text += newline;
    const isFirst = index === 0 && text.trim() === '';
    const marker = !isFirst && !/^---/m.test(open) ? `---${newline}` : '';
    const style = {
      step: 2,
      indentLists: true,
      newline: newline === '\r\n' ? ('\r\n' as const) : ('\n' as const),
    };
    text += isForeign ? withBreaks(marker + open + content, style) : marker + open + content;
  }
  const hadBreak = input.ours.endsWith('\n') || input.ours === '';
  if (!hadBreak && ordered.at(-1)?.isForeign !== true) text = text.replace(/\r?\n$/, '');
  const read = readYaml(text, file);
  const isWhole =
    read.ok &&
    read.value.documents.length === ordered.length &&
    read.value.documents.every((document, index) => sameValue(document.value, ordered[index]?.value));
  if (!isWhole) return failure(oddDocuments(file));
  const conflicts = parts.flatMap((part) => {
    const document = read.value.documents[ordered.indexOf(part)];
    return part.disagreements.map((each): Conflict => {
      const place = document?.placeOf(each.path) ?? { line: 1, column: 1 };
      return { file, resource: refOf(part.value), ...each, ...place };
    });
  });
  return success({ text, conflicts });
}

function refOf(value: JsonValue): ResourceRef | undefined {
  const kind = stringAt(value, 'kind');
  if (kind === undefined) return undefined;
  const metadata = isObject(value) ? objectAt(value, 'metadata') : {};
  return {
    apiVersion: stringAt(value, 'apiVersion'),
    kind,
    namespace: stringAt(metadata, 'namespace'),
    name: stringAt(metadata, 'name') ?? '',
  };
}

function oddDocuments(file: string): Problem {
  return {
    rule: 'merge-odd-layout',
    severity: 'error',
    message:
      'The file was not merged: its documents are laid out in a way that cannot be changed piece by piece.',
    fix: 'Write each document below a line that contains only ---, or merge the file by hand.',
    file,
    line: 1,
    column: 1,
  };
}

function tooDifferent(file: string): Problem {
  return {
    rule: 'merge-too-different',
    severity: 'error',
    message: 'The file was not merged: thousands of its objects were renamed.',
    fix: 'Merge it by hand, or split the change in two.',
    file,
    line: 1,
    column: 1,
  };
}
