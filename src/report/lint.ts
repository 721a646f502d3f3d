import type { LintProblem, LintResult } from '../model/lint.ts';
import type { Severity } from '../model/problem.ts';
import { visible } from '../model/quoted.ts';
import type { Paint } from './paint.ts';
import { countProblems, problemAsJson, type ProblemJson } from './problems.ts';

/** Longer lines are cut, so that a manifest on one line does not fill the screen. */
const maxWidth = 160;

/** Findings for people: by file, each with its line, its fix and its source.
 *  @param texts  the files, by the name that problems have */
export function describeLint(
  { problems }: Pick<LintResult, 'problems'>,
  texts: ReadonlyMap<string, string>,
  colours: Paint,
): string {
  const files = new Map<string, LintProblem[]>();
  for (const problem of problems) {
    const file = problem.file ?? '';
    const known = files.get(file);
    if (known === undefined) files.set(file, [problem]);
    else known.push(problem);
  }
  return [...files]
    .map(([file, found]) => {
      const lines = (texts.get(file) ?? '').split('\n');
      const said = found.map((problem) => describeFinding(problem, lines, colours)).join('\n');
      return `${colours.bold(visible(file === '' ? '.' : file))}\n${said}`;
    })
    .join('\n');
}

function describeFinding(problem: LintProblem, lines: readonly string[], colours: Paint): string {
  const { severity, rule, message, fix, see, equivalent = [], resource, line, column } = problem;
  const location = line === undefined ? '' : `${String(line)}:${String(column ?? 1)}`;
  const object = resource === undefined ? '' : `  ${describeObject(resource)}`;
  const codes = equivalent.length === 0 ? '' : `  ${equivalent.join(' ')}`;
  const said = [
    `  ${location.padEnd(7)} ${tintOf(severity, colours)(severity)}  ${colours.bold(rule)}${colours.dim(visible(object + codes))}`,
    `          ${visible(message)}`,
    ...(severity === 'info' ? [] : frameOf(problem, lines, colours)),
  ];
  if (fix !== undefined) said.push(`          ${colours.dim('fix')}  ${visible(fix)}`);
  if (see !== undefined && severity !== 'info') said.push(`          ${colours.dim('see')}  ${visible(see)}`);
  return `${said.join('\n')}\n`;
}

function describeObject({ kind, namespace, name }: NonNullable<LintProblem['resource']>): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

function tintOf(severity: Severity, colours: Paint): (text: string) => string {
  return { error: colours.red, warning: colours.yellow, info: colours.cyan }[severity];
}

/** The line of a finding and the one above, with a mark under the location. */
function frameOf(problem: LintProblem, lines: readonly string[], colours: Paint): readonly string[] {
  const { line, column = 1, endLine, endColumn, severity } = problem;
  const text = line === undefined ? undefined : lines[line - 1];
  if (line === undefined || text === undefined) return [];
  const cut = (shown: string) => visible(shown.replace(/\r$/, '').slice(0, maxWidth));
  const numbered = (at: number, shown: string) =>
    `        ${at === line ? '>' : ' '} ${String(at).padStart(4)} ${colours.dim('|')} ${cut(shown)}`.trimEnd();
  const frame: string[] = [];
  const above = lines[line - 2];
  if (line > 1 && above !== undefined && above.trim() !== '') frame.push(numbered(line - 1, above));
  frame.push(numbered(line, text));
  const end = endLine === line && endColumn !== undefined ? endColumn : text.trimEnd().length + 1;
  const width = Math.max(1, Math.min(end, maxWidth) - column);
  if (column <= maxWidth)
    frame.push(
      `               ${colours.dim('|')} ${' '.repeat(column - 1)}${tintOf(severity, colours)('^'.repeat(width))}`,
    );
  return frame;
}

/** `2 errors, 1 warning in 14 files; 1 can be fixed with --fix; 3 suppressed` */
export function summarizeLint({ problems, accepted, files }: LintResult): string {
  const fixable = problems.filter(({ repair }) => repair !== undefined).length;
  const parts = [
    `${problems.length === 0 ? 'Nothing found' : countProblems(problems)} in ${String(files)} ${files === 1 ? 'file' : 'files'}`,
    ...(fixable === 0 ? [] : [`${String(fixable)} can be fixed with --fix`]),
    ...counted(accepted.filter(({ by }) => by !== 'baseline').length, 'suppressed'),
    ...counted(accepted.filter(({ by }) => by === 'baseline').length, 'in the baseline'),
  ];
  return `${parts.join('; ')}.`;
}

function counted(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${String(count)} ${what}`];
}

/** What `lint --json` prints beside its problems. */
export interface LintJson {
  /** Findings that are suppressed or in the baseline. */
  readonly accepted: readonly AcceptedJson[];
  readonly summary: {
    /** How many files were read. */
    readonly files: number;
    readonly errors: number;
    readonly warnings: number;
    readonly infos: number;
    readonly fixable: number;
    readonly accepted: number;
  };
}

interface AcceptedJson extends ProblemJson {
  /** `comment` and `annotation` are in the manifest, `baseline` in a separate file. */
  readonly by: 'comment' | 'annotation' | 'baseline';
  readonly reason?: string | undefined;
}

/** `--fix` */
export interface FixJson extends LintJson {
  /** How many findings were fixed, or can be with `--dry-run`. */
  readonly fixed: number;
  readonly changes: readonly { readonly file: string; readonly diff: string }[];
}

/** What `lint --json` prints beside its problems. */
export function lintAsJson({ problems, accepted, files }: LintResult): LintJson {
  const count = (severity: Severity) => problems.filter((problem) => problem.severity === severity).length;
  return {
    accepted: accepted.map(({ problem, by, reason }) => ({ ...problemAsJson(problem), by, reason })),
    summary: {
      files,
      errors: count('error'),
      warnings: count('warning'),
      infos: count('info'),
      fixable: problems.filter(({ repair }) => repair !== undefined).length,
      accepted: accepted.length,
    },
  };
}
