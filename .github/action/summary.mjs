import { placeOf } from './annotations.mjs';

/** A summary may have a mebibyte: this many rows and problems of this many characters stay below. */
const shown = { rows: 200, problems: 50, cell: 160, message: 400, lines: 20 };

/** States that need a person, first those that hold up everyone; and states that need nobody. Others are between them. */
const urgent = ['failed', 'refused', 'held', 'unknown', 'unverified', 'opened', 'updated', 'open', 'next'];
const calm = ['soaking', 'waiting', 'closed', 'done', 'unchanged', 'nothing to change'];

function rankOf(state) {
  const at = urgent.indexOf(state);
  return at < 0 ? urgent.length + 1 + calm.indexOf(state) : at;
}

function entities(text) {
  return text.replace(/[&<>"'`\\|*_~{}[\]()#!@:$]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Text of repositories and of people on one line: nothing of it becomes markup. */
function plain(value, most = shown.cell) {
  const characters = [...String(value ?? '').replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ')];
  const cut = characters.length > most ? [...characters.slice(0, most), '…'] : characters;
  return entities(cut.join('').trim());
}

function link(label, url) {
  const isLink = /^https?:\/\/[^\s<>()[\]|"'`\\]{1,500}$/.test(url ?? '');
  return isLink ? `[${label ?? /\d+$/.exec(url)?.[0] ?? 'link'}](${url})` : '';
}

function count(number, word) {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function resultRow({
  target,
  outcome,
  changes = [],
  conflicts = [],
  problems = [],
  url,
  related = [],
  reason,
}) {
  const error = problems.find(({ severity }) => severity === 'error');
  const files = changes.length === 1 ? '1 file changes' : `${changes.length} files change`;
  const state = outcome ?? (changes.length === 0 ? 'nothing to change' : files);
  const pulls = [url, ...related.map((each) => each.url)].map((each) => link(undefined, each));
  const said = conflicts.length === 0 ? state : `${state}, ${count(conflicts.length, 'conflict')}`;
  return {
    rank: error === undefined && conflicts.length === 0 ? rankOf(state) : 0,
    cells: [plain(target), plain(said), pulls.filter(Boolean).join(' '), plain(reason ?? error?.message)],
  };
}

function moveRow({ target, stage, state, url, reason }) {
  const cells = [plain(target), plain(`${stage}: ${state}`), link(undefined, url), plain(reason)];
  return { rank: rankOf(state), cells };
}

function stepRow({ week, environment, name, moves, gate }) {
  const targets = new Set(moves.map(({ target }) => target)).size;
  const cells = [
    plain(`S+${week} ${environment} ${name}`),
    count(targets, 'target'),
    '',
    plain(`then: ${gate}`),
  ];
  return { rank: 0, cells };
}

/** Rows as a table of the columns that say something. */
function table(rows) {
  if (rows.length === 0) return [];
  const sorted = rows.toSorted((one, other) => one.rank - other.rank).slice(0, shown.rows);
  const heads = ['what', 'state', 'pull request', 'why'];
  const used = heads.map((_, at) => at).filter((at) => sorted.some(({ cells }) => cells[at] !== ''));
  const line = (cells) => `| ${used.map((at) => cells[at]).join(' | ')} |`;
  const body = sorted.map(({ cells }) => line(cells));
  return [line(heads), line(heads.map(() => '---')), ...body, ...more(rows.length - shown.rows), ''];
}

function more(number) {
  return number > 0 ? ['', `… and ${number} more`] : [];
}

function problemLine(problem) {
  const { severity, rule, target, message, fix, see } = problem;
  const head = [target, placeOf(problem)].filter(Boolean).map((each) => plain(each));
  const said = [plain([message, fix].filter(Boolean).join(' '), shown.message), link('see', see)];
  return `- ${[`**${plain(severity)}** ${plain(rule)}`, ...head, said.join(' ').trim()].join(' · ')}`;
}

/** The Markdown of a job's summary.
 *  @param title  what was run
 *  @param end  what its exit code means
 *  @param log  what it wrote at its end; shown where nothing else says why it failed, otherwise empty */
export function summaryOf({ title, end, result, problems, log }) {
  const { results = [], waiting = [], moves = [], steps = [], summary = {} } = result;
  const counts = Object.entries(summary)
    .filter(([, value]) => typeof value === 'number' && value > 0)
    .map(([name, value]) => `**${value}** ${plain(name)}`);
  const rows = [...[...results, ...waiting].map(resultRow), ...moves.map(moveRow), ...steps.map(stepRow)];
  const lines = log
    .replace(/[^\P{Cc}\n]/gu, '')
    .trimEnd()
    .split('\n')
    .slice(-shown.lines);
  return [
    `### ${plain(title)}`,
    '',
    ...(counts.length > 0 ? [counts.join(' · '), ''] : []),
    ...table(rows),
    ...problems.slice(0, shown.problems).map(problemLine),
    ...more(problems.length - shown.problems),
    ...(log === '' ? [] : [`<pre>${entities(lines.join('\n'))}</pre>`]),
    '',
    end,
    '',
  ].join('\n');
}
