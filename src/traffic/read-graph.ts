import { isObject, type JsonValue } from '../model/json.ts';
import { failure, success, type Outcome } from '../model/problem.ts';
import { importers } from './importers/index.ts';
import type { GraphDocument, Importer, Observed, ShadowTraffic } from './observed.ts';

/** More problems than this of one file are counted, not told. */
const maxProblems = 20;

/** What a file of some tool says of calls; which tool it is, the file shows.
 *  @param file  its name in problems */
export function readGraph(
  text: string,
  file: string,
): Outcome<{
  readonly source: Importer['source'];
  readonly calls: readonly Observed[];
  readonly shadow: readonly ShadowTraffic[];
}> {
  const documents = documentsIn(text, file);
  if (!documents.ok) return documents;
  const [first] = documents.value;
  const found = first === undefined ? undefined : importers.find((each) => each.recognises(first.value));
  if (found === undefined)
    return failure({
      rule: 'graph-unknown',
      severity: 'error',
      message: 'The format of this file is not known.',
      fix: `Use ${importers.map(({ reads }) => reads).join('; or ')}.`,
      file,
      line: 1,
      column: 1,
    });
  const { calls, shadow = [], problems } = found.read(documents.value, file);
  const all = [...documents.problems, ...problems];
  const hidden = all.length - maxProblems;
  const told =
    hidden <= 0
      ? all
      : [
          ...all.slice(0, maxProblems),
          {
            rule: 'graph-entry-unreadable',
            severity: 'warning' as const,
            message: `${String(hidden)} more ${hidden === 1 ? 'entry' : 'entries'} could not be read.`,
            file,
          },
        ];
  if (told.some(({ severity }) => severity === 'error')) return failure(...told);
  return success({ source: found.source, calls, shadow }, told);
}

/** One JSON document, or one a line. */
function documentsIn(text: string, file: string): Outcome<readonly GraphDocument[]> {
  const whole = parsed(text);
  if ('value' in whole) return success([{ value: whole.value, line: 1 }]);
  const documents: GraphDocument[] = [];
  const bad: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const each = parsed(line);
    if ('value' in each && isObject(each.value)) documents.push({ value: each.value, line: index + 1 });
    else if (documents.length === 0) break;
    else bad.push(index + 1);
  }
  if (documents.length === 0)
    return failure({
      rule: 'graph-no-json',
      severity: 'error',
      message: 'This is not JSON.',
      fix: 'Save the output of the tool unchanged.',
      file,
      ...placeOf(text, whole.message),
    });
  return success(
    documents,
    bad.map((line) => ({
      rule: 'graph-entry-unreadable',
      severity: 'warning' as const,
      message: 'This line is not JSON and was skipped.',
      file,
      line,
      column: 1,
    })),
  );
}

function parsed(text: string): { readonly value: JsonValue } | { readonly message: string } {
  try {
    return { value: JSON.parse(text) as JsonValue };
  } catch (error) {
    return { message: error instanceof Error ? error.message : '' };
  }
}

/** Where the parser stopped, as far as it tells. */
function placeOf(text: string, message: string): { readonly line: number; readonly column: number } {
  const [, digits] = /position (\d+)/.exec(message) ?? [];
  const before = text.slice(0, digits === undefined ? 0 : Number(digits)).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
