import type { LintProblem } from '../model/lint.ts';
import type { Problem } from '../model/problem.ts';
import { visible } from '../model/quoted.ts';
import type { Paint } from './paint.ts';

/** A problem for people: where, what, what to do, who says so. */
function describeProblem(problem: Problem, colours: Paint): string {
  const { severity, rule, message, fix, see } = problem;
  const tint = { error: colours.red, warning: colours.yellow, info: colours.cyan }[severity];
  const place = placeOf(problem);
  const lines = [
    `${tint(severity)} ${colours.bold(rule)}${place === '' ? '' : ` at ${visible(place)}`}`,
    `  ${visible(message)}`,
  ];
  if (fix !== undefined) lines.push(`  ${colours.dim('fix')}  ${visible(fix)}`);
  if (see !== undefined) lines.push(`  ${colours.dim('see')}  ${visible(see)}`);
  return lines.join('\n');
}

/** `owner/name file:line:column`, as far as it is known. */
function placeOf({ repository, file, line, column }: Problem): string {
  if (file === undefined) return '';
  const position = [file === '' ? '.' : file, line, line === undefined ? undefined : column]
    .filter((part) => part !== undefined)
    .join(':');
  return repository === undefined ? position : `${repository} ${position}`;
}

const order = { error: 0, warning: 1, info: 2 };

/** All problems, errors first, an empty line between. */
export function describeProblems(problems: readonly Problem[], colours: Paint): string {
  return [...problems]
    .sort((one, other) => order[one.severity] - order[other.severity])
    .map((problem) => `${describeProblem(problem, colours)}\n`)
    .join('\n');
}

/** A problem as `--json` tells it: the same keys for every command and every kind of problem. */
export interface ProblemJson extends Problem {
  /** Codes of istioctl and Kiali that say the same. */
  readonly equivalent: readonly string[];
  readonly endLine?: number | undefined;
  /** Just behind the last character, from 1. */
  readonly endColumn?: number | undefined;
  /** Whether `meshwright lint --fix` can fix it. */
  readonly fixable: boolean;
}

/** What programs are told of a problem: nothing of how it was found or is to be fixed. */
export function problemAsJson(problem: Problem & Partial<LintProblem>): ProblemJson {
  const { rule, severity, equivalent = [], repository, file, line, column, endLine, endColumn } = problem;
  const { resource, message, fix, see, repair } = problem;
  return {
    rule,
    severity,
    equivalent,
    repository,
    file,
    line,
    column,
    endLine,
    endColumn,
    resource,
    message,
    fix,
    see,
    fixable: repair !== undefined,
  };
}

/** `2 errors, 1 warning` */
export function countProblems(problems: readonly Problem[]): string {
  const count = (severity: Problem['severity'], word: string) => {
    const number = problems.filter((problem) => problem.severity === severity).length;
    return number === 0 ? [] : [`${String(number)} ${word}${number === 1 ? '' : 's'}`];
  };
  return [...count('error', 'error'), ...count('warning', 'warning'), ...count('info', 'note')].join(', ');
}
