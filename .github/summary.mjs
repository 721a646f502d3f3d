// Makes the Markdown of a job's summary out of what a Meshwright command printed with --json.
//   node .github/summary.mjs RESULT.json >> "$GITHUB_STEP_SUMMARY"
import { readFileSync } from 'node:fs';

/** Text of repositories and of people: nothing of it may become markup. */
function cell(value) {
  return String(value ?? '')
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_{}[\]<>|#!&@~]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function link(url) {
  return /^https?:\/\/[^\s<>()|"']+$/.test(url ?? '') ? `[pull request](${url})` : '';
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

const { results = [], moves = [], problems = [], summary = {} } = read(process.argv[2]);
const counts = Object.entries(summary)
  .filter(([, value]) => typeof value === 'number')
  .map(([name, value]) => `${value} ${cell(name)}`);
const rows = [
  ...results.map(({ target, outcome, url, reason }) => [target, outcome, link(url), reason]),
  ...moves.map(({ target, stage, state, url, reason }) => [target, `${stage}: ${state}`, link(url), reason]),
];
const said = [...problems, ...results.flatMap((result) => result.problems ?? [])];
const shown = 500;
const lines = ['### Meshwright', '', counts.join(' · '), ''];
if (rows.length > 0) {
  lines.push('| target | outcome | | why |', '| --- | --- | --- | --- |');
  for (const [target, outcome, url, reason] of rows.slice(0, shown))
    lines.push(`| ${cell(target)} | ${cell(outcome)} | ${url} | ${cell(reason)} |`);
  if (rows.length > shown) lines.push('', `${rows.length - shown} more are in the JSON.`);
}
for (const { severity, rule, message, fix } of said.slice(0, 50))
  lines.push('', `**${cell(severity)} ${cell(rule)}** ${cell(message)} ${cell(fix)}`);
console.log(lines.join('\n'));
