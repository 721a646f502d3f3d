import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  Scalar,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { JsonValue, YamlPath } from '../model/json.ts';
import { failure, success, type Outcome, type Problem } from '../model/problem.ts';
import { badMerge, hasCycle } from './aliases.ts';
import { contentEnd } from './locate.ts';
import { readPlain } from './plain.ts';
import { readOverhanging } from './quotes.ts';
import { RecentTexts } from './recent-texts.ts';

/** Line and column, both from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

export interface YamlDocument {
  /** Its number in the stream, from 0. */
  readonly index: number;
  /** What it means, anchors and merge keys resolved. */
  readonly value: JsonValue;
  /** The parsed document, with source ranges: what an edit works on. */
  readonly node: Document;
  /** Where the value (or its key) at `path` is written; the nearest ancestor's place when it is not written. */
  placeOf(path: YamlPath, which?: 'key' | 'value'): Position;
  /** From there to the end of what is written. */
  rangeOf(path: YamlPath, which?: 'key' | 'value'): Range;
}

interface Range extends Position {
  readonly endLine: number;
  /** Just behind the last character, from 1. */
  readonly endColumn: number;
}

export interface YamlStream {
  readonly file: string;
  readonly text: string;
  readonly documents: readonly YamlDocument[];
}

/** Kubernetes refuses objects above 3 MiB; a repository file with more than this is not a manifest. */
export const maxLength = 8 * 1024 * 1024;
const maxDepth = 200;
const maxAliases = 200;
const unending = 'its aliases expand without end or refer to themselves';

/** A document read in full takes some fifty bytes for each character. Nothing changes what was read. */
const recent = new RecentTexts<Outcome<YamlStream>>(4 * 1024 * 1024);

/** Reads a YAML stream as kustomize and Flux see it: YAML 1.2 core values, merge keys honoured, duplicate keys refused.
 *  Never throws; its time is linear in the text, whatever the anchors say. A text that was read lately is not read again,
 *  whatever its file is called.
 *  @param file  the name used in problems
 *  @returns problems `yaml-syntax`, `yaml-duplicate-key`, `yaml-template`, `yaml-too-large`, `yaml-non-string-key` */
export function readYaml(text: string, file: string): Outcome<YamlStream> {
  const read = recent.get(text) ?? recent.add(text, readQuickly(text) ?? readInFull(text, ''));
  return read.ok
    ? success({ file, text, documents: read.value.documents })
    : failure(...read.problems.map((problem) => ({ ...problem, file })));
}

/** Most manifests are plain; where something is written in them is seldom asked, and read in full only then. */
function readQuickly(text: string): Outcome<YamlStream> | undefined {
  const values = text.length > maxLength ? undefined : readPlain(text);
  if (values === undefined) return undefined;
  let whole: readonly YamlDocument[] | undefined;
  const full = (index: number): YamlDocument => {
    if (whole === undefined) {
      // The quick reading has seen how deep it is; braces and dashes in its texts only look deep.
      const parsed = parseYaml(text, '');
      whole = parsed.ok ? parsed.value.documents : [];
    }
    const document = whole[index];
    if (document === undefined) throw new Error('a string can be read in two ways');
    return document;
  };
  const documents = values.map((value, index): YamlDocument => ({
    index,
    value,
    get node() {
      return full(index).node;
    },
    placeOf: (path, which) => full(index).placeOf(path, which),
    rangeOf: (path, which) => full(index).rangeOf(path, which),
  }));
  return success({ file: '', text, documents });
}

function readInFull(text: string, file: string): Outcome<YamlStream> {
  const start = { line: 1, column: 1 };
  if (text.length > maxLength)
    return failure(
      tooLarge(file, start, `it has ${(text.length / 2 ** 20).toFixed(1)} MiB, and at most 8 are read`),
    );
  if (exceedsDepth(text))
    return failure(tooLarge(file, start, 'it is more deeply nested than a manifest is'));
  return parseYaml(text, file);
}

/** @param text  of a size and a depth that can be read */
function parseYaml(text: string, file: string): Outcome<YamlStream> {
  const lines = lineStarts(text);
  const positionOf = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const isTemplate = text.includes('{{');
  const parsed = parseDocuments(text);
  const problems: Problem[] = [];
  for (const document of parsed) {
    // What follows the first mistake of a document mostly follows from it.
    for (const error of document.errors.slice(0, 1))
      problems.push(syntaxProblem(file, positionOf(error.pos[0]), error.message, isTemplate));
    if (document.errors.length === 0) problems.push(...keyProblems(document, file, positionOf, isTemplate));
  }
  if (problems.length > 0) return failure(...(isTemplate ? problems.slice(0, 1) : problems));

  const documents: YamlDocument[] = [];
  for (const [index, node] of parsed.entries()) {
    try {
      if (text.includes('*') && hasCycle(node))
        return failure(tooLarge(file, positionOf(node.range?.[0] ?? 0), unending));
      const value = node.toJS({ maxAliasCount: maxAliases }) as JsonValue | undefined;
      documents.push({
        index,
        value: value ?? null,
        node,
        placeOf: (path, which = 'value') => positionOf(spanOf(node, path, which).start),
        rangeOf: (path, which = 'value') => {
          const { start, end } = spanOf(node, path, which);
          const last = positionOf(Math.max(start, end));
          return { ...positionOf(start), endLine: last.line, endColumn: last.column };
        },
      });
    } catch (error) {
      // The library throws a ReferenceError for an alias without anchor and for too many aliases, and an Error for a merge key
      // that stands before something else than maps; nothing else is expected.
      const merge = badMerge(node);
      if (merge !== undefined)
        return failure(
          syntaxProblem(
            file,
            positionOf(merge),
            'a merge key (<<) takes a map or a list of maps',
            isTemplate,
          ),
        );
      if (!(error instanceof ReferenceError)) throw error;
      const at = positionOf(node.range?.[0] ?? 0);
      const isUnresolved = error.message.startsWith('Unresolved alias');
      return failure(
        isUnresolved ? syntaxProblem(file, at, error.message, isTemplate) : tooLarge(file, at, unending),
      );
    }
  }
  return success({ file, text, documents });
}

function parseDocuments(text: string): readonly Document[] {
  const parse = (source: string): readonly Document[] => [
    ...parseAllDocuments(source, {
      // The library's own check compares every key with every other; ours is linear.
      uniqueKeys: false,
      merge: true,
      prettyErrors: false,
      logLevel: 'silent',
      stringKeys: false,
    }),
  ];
  // A line may end with a carriage return alone, which the library does not know.
  const source = text.replace(/\r(?!\n)/g, '\n');
  const parsed = parse(source);
  if (/::\s*[\],]/.test(source)) parsed.forEach(mendColonTexts);
  return parsed.every(({ errors }) => errors.length === 0)
    ? parsed
    : (readOverhanging(source, parsed, parse) ?? parsed);
}

/** `[fd00::]` is a list of a text to Kubernetes, and by the letter of YAML 1.2 of a map with the key `fd00:`. */
function mendColonTexts(document: Document): void {
  visit(document, {
    Seq(_, { items }) {
      for (const [index, item] of items.entries()) {
        const [pair, ...more] = isMap(item) && item.flow === true ? item.items : [];
        if (pair === undefined || more.length > 0 || !isScalar(pair.key)) continue;
        const { value, range } = pair.key;
        const isEmpty = pair.value === null || isEmptyNode(pair.value);
        if (typeof value !== 'string' || !value.endsWith(':') || !range || !isEmpty) continue;
        const text = new Scalar(`${value}:`);
        text.range = [range[0], range[1] + 1, range[2] + 1];
        items[index] = text;
      }
    },
  });
}

function lineStarts(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n|\r(?!\n)/g)) lines.addNewLine(index + 1);
  return lines;
}

function syntaxProblem(file: string, at: Position, message: string, isTemplate: boolean): Problem {
  if (isTemplate)
    return {
      rule: 'yaml-template',
      severity: 'error',
      message: 'The file contains template placeholders ({{ … }}) and is not YAML until they are filled in.',
      fix: 'Render the template first, or leave this file out of the kustomization.',
      file,
      ...at,
    };
  return {
    rule: 'yaml-syntax',
    severity: 'error',
    message: `Not valid YAML: ${message}${/[.!?]$/.test(message) ? '' : '.'}`,
    fix: 'Correct the indentation, quotes or brackets at this place.',
    file,
    ...at,
  };
}

function tooLarge(file: string, at: Position, why: string): Problem {
  return {
    rule: 'yaml-too-large',
    severity: 'error',
    message: `The YAML was not read: ${why}.`,
    fix: 'Keep manifests below 8 MiB, below 200 levels, and write repeated parts out instead of aliasing aliases.',
    file,
    ...at,
  };
}

/** Flow brackets and `- - -` chains nest without a line break; anything else needs a deeper indentation for each level. */
function exceedsDepth(text: string): boolean {
  let depth = 0;
  let dashes = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x5b || code === 0x7b) {
      if (++depth > maxDepth) return true;
    } else if (code === 0x5d || code === 0x7d) depth = Math.max(0, depth - 1);
    else if (code === 0x0a) {
      depth = Math.min(depth, maxDepth);
      dashes = 0;
    } else if ((code === 0x2d || code === 0x3f || code === 0x3a) && text.charCodeAt(index + 1) === 0x20) {
      if (++dashes > maxDepth) return true;
    }
  }
  return indentationDepth(text) > maxDepth;
}

function indentationDepth(text: string): number {
  let deepest = 0;
  const open: number[] = [];
  for (const [, spaces = ''] of text.matchAll(/^( *)[^ \r\n#]/gm)) {
    while ((open.at(-1) ?? -1) >= spaces.length) open.pop();
    open.push(spaces.length);
    deepest = Math.max(deepest, open.length);
  }
  return deepest;
}

/** An alias of a text is a key like any other. It is read as that text, where the alias is written. */
function nameAlias(item: Pair, document: Document): void {
  const { key } = item;
  if (!isAlias(key)) return;
  const meant = key.resolve(document);
  if (!isScalar(meant)) return;
  const name = new Scalar(meant.value);
  if (key.range !== undefined && key.range !== null) name.range = key.range;
  item.key = name;
}

function keyProblems(
  document: Document,
  file: string,
  positionOf: (offset: number) => Position,
  isTemplate: boolean,
): readonly Problem[] {
  const problems: Problem[] = [];
  forEachMap(document.contents, (map) => {
    const seen = new Map<string, number>();
    for (const item of map.items) {
      nameAlias(item, document);
      const { key } = item;
      const offset = rangeOf(key)?.[0] ?? map.range?.[0] ?? 0;
      if (!isScalar(key)) {
        if (key === null) continue;
        problems.push(
          isTemplate
            ? syntaxProblem(file, positionOf(offset), '', true)
            : {
                rule: 'yaml-non-string-key',
                severity: 'error',
                message: 'A key must be a plain string; this one is a map, a list or an alias of one.',
                fix: 'Write the key as a string; quote a value that starts with { or [.',
                file,
                ...positionOf(offset),
              },
        );
        continue;
      }
      const name = String(key.value);
      const first = seen.get(name);
      if (first === undefined || name === '<<') seen.set(name, offset);
      else
        problems.push({
          rule: 'yaml-duplicate-key',
          severity: 'error',
          message: `The key "${name}" occurs twice in one map, first on line ${String(positionOf(first).line)}.`,
          fix: 'Keep one of the two: kustomize refuses the file, and other tools silently drop the first.',
          file,
          ...positionOf(offset),
        });
    }
  });
  return problems.slice(0, 20);
}

/** Every map below a node, outer ones first; the library's own walk keeps the path to each node, which costs as much as
 *  parsing. */
function forEachMap(node: unknown, look: (map: YAMLMap) => void): void {
  if (isMap(node)) {
    look(node);
    for (const { key, value } of node.items) {
      if (!isScalar(key)) forEachMap(key, look);
      if (!isScalar(value)) forEachMap(value, look);
    }
  } else if (isSeq(node)) {
    for (const item of node.items) if (!isScalar(item)) forEachMap(item, look);
  }
}

function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  const hasRange = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
  return hasRange ? (node.range ?? undefined) : undefined;
}

/** The text of the node at `path`, or of the nearest ancestor that is written. */
function spanOf(
  document: Document,
  path: YamlPath,
  which: 'key' | 'value',
): { readonly start: number; readonly end: number } {
  let node: unknown = document.contents;
  let span = spanOfNode(node) ?? { start: document.range?.[0] ?? 0, end: document.range?.[0] ?? 0 };
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
      );
      if (pair === undefined) return span;
      const isLast = depth === path.length - 1;
      const key = spanOfNode(pair.key);
      const value = isEmptyNode(pair.value) ? undefined : spanOfNode(pair.value);
      span = (isLast && which === 'key' ? key : (value ?? key)) ?? span;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      const at = spanOfNode(node);
      if (at === undefined) return span;
      span = at;
    } else return span;
  }
  return span;
}

function spanOfNode(node: unknown): { readonly start: number; readonly end: number } | undefined {
  const range = rangeOf(node);
  return range === undefined ? undefined : { start: range[0], end: contentEnd(node) ?? range[1] };
}

function isEmptyNode(node: unknown): node is Node {
  return (
    isScalar(node) &&
    node.value === null &&
    node.range !== undefined &&
    node.range !== null &&
    node.range[0] === node.range[1]
  );
}
