import { isList, isObject, listAt, type JsonValue, type YamlPath } from '../model/json.ts';
import { failure, hasErrors, success, type Outcome, type Problem } from '../model/problem.ts';
import { maxLength, readYaml, type YamlDocument } from '../yaml/read.ts';
import { includePattern } from './include.ts';
import type { FleetText, FleetTexts } from './texts.ts';

/** A place in one of a fleet's files, line and column from 1. */
export interface FleetLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

interface FleetFilePart {
  readonly file: string;
  readonly document: YamlDocument;
  /** The number that its first namespace has in the whole fleet. */
  readonly first: number;
}

/** A fleet as it is written: one value of all its files, in which the namespaces of the included ones follow those of the fleet
 *  file; and where each part of the value is written. */
export class WrittenFleet {
  readonly value: JsonValue;
  readonly #parts: readonly [FleetFilePart, ...FleetFilePart[]];

  constructor(
    main: { readonly file: string; readonly document: YamlDocument },
    included: readonly Omit<FleetFilePart, 'first'>[],
  ) {
    let count = namespacesOf(main.document).length;
    const parts = included.map((each): FleetFilePart => {
      const first = count;
      count += namespacesOf(each.document).length;
      return { ...each, first };
    });
    this.#parts = [{ ...main, first: 0 }, ...parts];
    const { value } = main.document;
    // A wrong value stays, so that its own problem is told.
    const isOpen = isObject(value) && (value.namespaces === undefined || isList(value.namespaces));
    this.value =
      included.length > 0 && isOpen
        ? { ...value, namespaces: this.#parts.flatMap(({ document }) => namespacesOf(document)) }
        : value;
  }

  placeOf(path: YamlPath, which?: 'key' | 'value'): FleetLocation {
    const { part, local } = this.#find(path);
    return { file: part.file, ...part.document.placeOf(local, which) };
  }

  /** A path of the whole fleet as the file it is written in has it. */
  localPath(path: YamlPath): YamlPath {
    return this.#find(path).local;
  }

  fileOf(path: YamlPath): string {
    return this.#find(path).part.file;
  }

  #find(path: YamlPath): { readonly part: FleetFilePart; readonly local: YamlPath } {
    const [key, index, ...rest] = path;
    const [main] = this.#parts;
    if (key !== 'namespaces' || typeof index !== 'number') return { part: main, local: path };
    let [low, high] = [0, this.#parts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#parts[middle]?.first ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    const part = this.#parts[low] ?? main;
    return { part, local: [key, index - part.first, ...rest] };
  }
}

function namespacesOf({ value }: YamlDocument): readonly JsonValue[] {
  return listAt(value, 'namespaces');
}

/** Reads a fleet's files as YAML.
 *  @returns problems `yaml-*`, `fleet-empty`, `fleet-several-documents`, and of included files `fleet-include-*` */
export function readWritten(texts: FleetTexts): Outcome<WrittenFleet> {
  const main = documentOf(texts, 'fleet');
  if (!main.ok) return main;
  const named = listAt(main.value.value, 'include');
  const problems: Problem[] = [];
  // A wrong pattern is told as a wrong value.
  const isRight = named.every((each) => typeof each === 'string' && includePattern.test(each));
  if (named.length > 0 && isRight && texts.included.length === 0)
    problems.push({
      rule: 'fleet-include-unread',
      severity: 'error',
      message: 'The files that include names were not read, so that not all of the fleet is known.',
      fix: 'Correct include, or remove it.',
      file: texts.file,
      ...main.value.placeOf(['include'], 'key'),
    });
  const parts = texts.included.flatMap((each) => {
    const document = documentOf(each, 'included');
    problems.push(...(document.ok ? shapeProblems(document.value, each.file) : document.problems));
    return document.ok ? [{ file: each.file, document: document.value }] : [];
  });
  return hasErrors(problems)
    ? failure(...problems)
    : success(new WrittenFleet({ file: texts.file, document: main.value }, parts));
}

function documentOf({ text, file }: FleetText, kind: 'fleet' | 'included'): Outcome<YamlDocument> {
  const stream = readYaml(text, file);
  if (!stream.ok)
    return failure(
      ...stream.problems.map((problem) => (text.length > maxLength ? divided(problem) : problem)),
    );
  const [document, second] = stream.value.documents;
  const isFleet = kind === 'fleet';
  if (document === undefined || document.value === null)
    return failure({
      rule: 'fleet-empty',
      severity: 'error',
      message: isFleet ? 'The fleet file is empty.' : 'The included file is empty.',
      fix: isFleet
        ? 'Write one with meshwright init.'
        : 'Write "namespaces:" and its list, or remove the file.',
      file,
      line: 1,
      column: 1,
    });
  if (second === undefined) return success(document);
  return failure({
    rule: 'fleet-several-documents',
    severity: 'error',
    message: `${isFleet ? 'A fleet file' : 'An included file'} must be a single YAML document, but this one has several.`,
    fix: 'Remove the "---" between them.',
    file,
    ...second.placeOf([]),
  });
}

/** What is too large for one file has a way out here. */
function divided(problem: Problem): Problem {
  return {
    ...problem,
    fix: 'Divide the fleet: list files of namespaces under include (docs/FLEET.md#several-files).',
  };
}

function shapeProblems(document: YamlDocument, file: string): readonly Problem[] {
  const { value } = document;
  const problem = (rule: string, message: string, fix: string, path: YamlPath, which?: 'key'): Problem => ({
    rule,
    severity: 'error',
    message,
    fix,
    file,
    ...document.placeOf(path, which),
  });
  if (!isObject(value))
    return [
      problem(
        'fleet-wrong-type',
        'An included file must be a map with namespaces.',
        'Write "namespaces:" above the list.',
        [],
      ),
    ];
  const others = Object.keys(value).filter((key) => key !== 'namespaces');
  const found = others.map((key) =>
    problem(
      'fleet-unknown-key',
      `"${key}" is no key of an included file: it holds namespaces alone${key === 'include' ? ', and includes no others' : ''}.`,
      'Move it to the fleet file.',
      [key],
      'key',
    ),
  );
  if (value.namespaces === undefined || !isList(value.namespaces))
    found.push(
      problem(
        value.namespaces === undefined ? 'fleet-missing-key' : 'fleet-wrong-type',
        'namespaces of an included file must be a list of namespaces.',
        'Write them as the fleet file does.',
        value.namespaces === undefined ? [] : ['namespaces'],
      ),
    );
  return found;
}
