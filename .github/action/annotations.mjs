import { relative, resolve } from 'node:path';

/** GitHub shows ten of a kind for a step. */
const shown = 50;
const commands = { error: 'error', warning: 'warning', info: 'notice' };

/** What stands in a workflow command after the second "::".
 *  @see https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
function data(text) {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text) {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Every problem of a result once, with the target it belongs to; errors first. */
export function problemsOf({ results = [], waiting = [], problems = [] }) {
  const ofTargets = [...results, ...waiting].flatMap(({ target, problems: own = [] }) =>
    own.map((problem) => ({ target, ...problem })),
  );
  const told = new Set(ofTargets.map(({ target, ...problem }) => JSON.stringify(problem)));
  const all = [...ofTargets, ...problems.filter((problem) => !told.has(JSON.stringify(problem)))];
  const isError = ({ severity }) => severity === 'error';
  return [...all.filter(isError), ...all.filter((problem) => !isError(problem))];
}

/** `acme/shop deploy/mesh.yaml:7:3` */
export function placeOf({ repository, file, line, column }) {
  const at = [file, line, column].filter((each) => each !== undefined).join(':');
  return [repository, at].filter(Boolean).join(' ');
}

/** Workflow commands that show problems in the log, and beside the line where the file is one of the workspace. */
export function annotationsOf(problems, workspace) {
  const lines = problems.slice(0, shown).map((problem) => {
    const { rule, severity, target, message, fix } = problem;
    const parts = [target, placeOf(problem), message, fix].filter(Boolean);
    const properties = [`title=${String(rule).replaceAll(/[^\w-]/g, '-')}`, ...fileOf(problem, workspace)];
    return `::${commands[severity] ?? 'notice'} ${properties.join(',')}::${data(parts.join(' · '))}\n`;
  });
  const more = problems.length - shown;
  return `${lines.join('')}${more > 0 ? `… and ${more} more problems\n` : ''}`;
}

function fileOf({ repository, file, line = 1 }, workspace) {
  if (!workspace || !file || repository !== undefined) return [];
  const path = relative(workspace, resolve(file)).replaceAll('\\', '/');
  return path.startsWith('..') ? [] : [`file=${property(path)}`, `line=${Number(line)}`];
}
