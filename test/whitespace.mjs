// Finds merge-conflict markers and whitespace errors in every tracked or new file, as git sees them. What is there on
// purpose is declared in .gitattributes: `whitespace=`.
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';

function git(...args) {
  return spawnSync('git', ['--no-pager', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
}

const top = git('rev-parse', '--show-toplevel');
if (top.status !== 0 || realpathSync(top.stdout.trim()) !== realpathSync('.')) {
  console.log('check:whitespace: this is not a git repository, so nothing is checked.');
  process.exit(0);
}
// From nothing to what lies here, so that each line counts as new.
const empty = git('hash-object', '-t', 'tree', '/dev/null').stdout.trim();
const tracked = git('diff', '--check', '--no-ext-diff', empty);
const others = git('ls-files', '--others', '--exclude-standard', '-z').stdout.split('\0').filter(Boolean);
const found = [
  tracked,
  ...others.map((file) => git('diff', '--check', '--no-index', '--', '/dev/null', file)),
];
// With --no-index 1 also means "differs".
const text = found.map(({ stdout, stderr }) => stderr + stdout).join('');
// The lines themselves, marked with "+", are left out: they may hold anything.
const lines = text.split('\n').filter((line) => line !== '' && !/^[+-]/.test(line));
const shown = 50;
if (lines.length > 0) {
  console.error(lines.slice(0, shown).join('\n'));
  if (lines.length > shown) console.error(`and ${lines.length - shown} more`);
  console.error('check:whitespace: fix these lines, or declare in .gitattributes what is so on purpose.');
}
process.exit(lines.length > 0 || (tracked.status !== 0 && tracked.status !== 2) ? 1 : 0);
