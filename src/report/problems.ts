import type { Problem } from '../model/problem.ts';
import { printable, type Paint } from './paint.ts';

/** A problem for people: where, what, what to do, who says so. */
function describeProblem(problem: Problem, colours: Paint): string {
  const { severity, rule, message, fix, see } = problem;
  const tint = { error: colours.red, warning: colours.yellow, info: colours.cyan }[severity];
  const place = placeOf(problem);
  const lines = [
    `${tint(severity)} ${colours.bold(rule)}${place === '' ? '' : ` at ${printable(place)}`}`,
    `  ${printable(message)}`,
  ];
  if (fix !== undefined) lines.push(`  ${colours.dim('fix')}  ${printable(fix)}`);
  if (see !== undefined) lines.push(`  ${colours.dim('see')}  ${printable(see)}`);
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

/** `2 errors, 1 warning` */
export function countProblems(problems: readonly Problem[]): string {
  const count = (severity: Problem['severity'], word: string) => {
    const number = problems.filter((problem) => problem.severity === severity).length;
    return number === 0 ? [] : [`${String(number)} ${word}${number === 1 ? '' : 's'}`];
  };
  return [...count('error', 'error'), ...count('warning', 'warning'), ...count('info', 'note')].join(', ');
}
