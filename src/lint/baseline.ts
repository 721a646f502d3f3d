import { isObject, listAt, type JsonValue } from '../model/json.ts';
import type { Accepted, BaselineEntry, LintProblem } from '../model/lint.ts';
import { failure, success, type Outcome } from '../model/problem.ts';

/** Removes the findings that a baseline knows, but only as many as it lists: one more of the same kind is new. */
export function withoutKnown(
  problems: readonly LintProblem[],
  baseline: readonly BaselineEntry[],
): { readonly problems: readonly LintProblem[]; readonly accepted: readonly Accepted[] } {
  const known = new Map(baseline.map((entry) => [keyOf(entry), entry.count]));
  const left: LintProblem[] = [];
  const accepted: Accepted[] = [];
  for (const problem of problems) {
    const key = keyOf(entryOf(problem));
    const count = known.get(key) ?? 0;
    if (count === 0) left.push(problem);
    else {
      known.set(key, count - 1);
      accepted.push({ problem, by: 'baseline', reason: undefined });
    }
  }
  return { problems: left, accepted };
}

/** The baseline for these findings, as the text of its file: sorted, one finding per line. */
export function printBaseline(problems: readonly LintProblem[]): string {
  const entries = new Map<string, BaselineEntry>();
  for (const problem of problems) {
    const entry = entryOf(problem);
    const known = entries.get(keyOf(entry));
    entries.set(keyOf(entry), { ...entry, count: (known?.count ?? 0) + 1 });
  }
  const sorted = [...entries].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, entry]) => entry);
  const lines = sorted.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n');
  return `{\n  "version": 1,\n  "findings": [${lines === '' ? '' : `\n${lines}\n  `}]\n}\n`;
}

/** @param file  its name in problems
 *  @returns problem `lint-baseline-broken` for anything that `printBaseline` would not write */
export function parseBaseline(text: string, file: string): Outcome<readonly BaselineEntry[]> {
  const value = parseJson(text);
  const entries =
    isObject(value) && value.version === 1 ? listAt(value, 'findings').map(entryAt) : [undefined];
  const whole = entries.filter((entry) => entry !== undefined);
  if (whole.length === entries.length) return success(whole);
  return failure({
    rule: 'lint-baseline-broken',
    severity: 'error',
    message: `${file} is not a valid baseline of this version.`,
    fix: 'Recreate it with meshwright lint --update-baseline.',
    file,
    line: 1,
    column: 1,
  });
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function entryAt(value: JsonValue): BaselineEntry | undefined {
  if (!isObject(value)) return undefined;
  const { rule, file, resource, message, count } = value;
  if (typeof rule !== 'string' || typeof file !== 'string' || typeof resource !== 'string') return undefined;
  if (typeof message !== 'string' || typeof count !== 'number') return undefined;
  return { rule, file, resource, message, count };
}

function entryOf({ rule, file = '', message, resource }: LintProblem): BaselineEntry {
  const named = resource === undefined ? '' : `${resource.kind} ${resource.namespace ?? ''}/${resource.name}`;
  return { rule, file, resource: named, message, count: 1 };
}

function keyOf({ rule, file, resource, message }: BaselineEntry): string {
  return JSON.stringify([file, resource, rule, message]);
}
