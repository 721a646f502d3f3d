import type { JsonValue } from '../model/json.ts';
import type { Conflict } from '../model/merge.ts';
import type { Problem } from '../model/problem.ts';

const longest = 120;

/** A conflict as something to read: what people have, kept, and what the templates wanted. */
export function conflictProblem(conflict: Conflict): Problem {
  const { file, resource, path, base, ours, theirs, line, column } = conflict;
  const object = resource === undefined ? file : `${resource.kind} "${resource.name}"`;
  const what = path.length === 0 ? object : `${pathText(path)} of ${object}`;
  return {
    rule: 'merge-conflict',
    severity: 'warning',
    message: `${what} changed on both sides. Your value stays: ${valueText(ours)}. It was ${valueText(base)}; the other side has ${valueText(theirs)}.`,
    fix: 'Keep yours, or set the other value by hand.',
    file,
    line,
    column,
    resource,
  };
}

/** `spec.http[0].timeout` */
export function pathText(path: Conflict['path']): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${String(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

function valueText(value: JsonValue | undefined): string {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value);
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

/** A conflict as the pull request's template sees it. */
export function conflictView(conflict: Conflict): object {
  const { file, line, path, base, ours, theirs, resource } = conflict;
  return {
    place: `${file}:${String(line)}`,
    object: resource === undefined ? '' : `${resource.kind} ${resource.name}`,
    path: path.length === 0 ? 'the whole object' : pathText(path),
    base: valueText(base),
    ours: valueText(ours),
    theirs: valueText(theirs),
    suggestion: suggestionOf(conflict),
  };
}

function suggestionOf({ path, ours, theirs }: Conflict): string {
  const what = path.length === 0 ? 'the object' : pathText(path);
  if (theirs === undefined) return `remove ${what}`;
  return ours === undefined ? `add ${what}: ${valueText(theirs)}` : `set ${what} to ${valueText(theirs)}`;
}
