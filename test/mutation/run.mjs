// Puts small faults into the code, one at a time, and sees whether some unit test fails: npm run test:mutation.
// It works in a copy of the checkout; docs/TESTING.md says how to read what it prints.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { linesOf, mutantsOf } from './mutants.mjs';
import { filesBelow, testsReaching } from './reach.mjs';
import { Running } from './running.mjs';

const usage = `npm run test:mutation -- [--count 100] [--from N] [--area lint] [--timeout 600] [--list]

  --count N      how many mutants (100)
  --from N       go on with the Nth; with the MESHWRIGHT_SEED that the run before has printed
  --area NAME    only in one folder of src, or in generators
  --own          only the tests of the same folder: quick, and a lower bound of the score
  --nice N       priority of the run, 0 to 19 (10: everything else goes first)
  --timeout S    seconds after which tests are ended; they count as failed if they end in time without the mutant (600)
  --list         print the mutants, and run nothing
  --of FILE      print every mutant of a file, and run nothing
`;
const { values: options } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    area: { type: 'string' },
    own: { type: 'boolean', default: false },
    nice: { type: 'string', default: '10' },
    timeout: { type: 'string', default: '600' },
    list: { type: 'boolean', default: false },
    of: { type: 'string', multiple: true },
    help: { type: 'boolean', default: false },
  },
});
const root = fileURLToPath(new URL('../../', import.meta.url));
const seed = Number(process.env.MESHWRIGHT_SEED ?? Math.floor(Math.random() * 2 ** 31));
const results = join(root, '.cache/mutation', `${String(seed)}.jsonl`);

/** Code that only the end-to-end suite runs, or that needs a git repository or a network. */
const leftOut = /^src\/(?:cli\.ts|adapters\/(?:git|branch|clone|foreign|forge|local|pull|merge-driver))/;

const areaOf = (path) => (path.startsWith('src/') ? path.split('/')[1] : 'generators');

if (options.help) process.stdout.write(usage);
else if (options.of !== undefined) options.of.forEach(listOf);
else await main();

function listOf(name) {
  const text = readFileSync(name, 'utf8');
  for (const mutant of mutantsOf(name, text)) describe(mutant, text);
}

async function main() {
  const files = [...filesBelow(root, 'src'), ...filesBelow(root, 'generators')].filter(
    (path) => !leftOut.test(path) && (options.area === undefined || areaOf(path) === options.area),
  );
  const chosen = draw(files, Number(options.count));
  const from = Number(options.from);
  console.log(
    `MESHWRIGHT_SEED=${String(seed)}: ${String(chosen.length)} mutants in ${String(files.length)} files`,
  );
  if (options.list) {
    for (const mutant of chosen) describe(mutant, readFileSync(join(root, mutant.path), 'utf8'));
    return;
  }
  setPriority(Number(options.nice));
  mkdirSync(dirname(results), { recursive: true });
  if (from === 1) writeFileSync(results, '');
  const copy = copyOfCheckout();
  const running = new Running(copy, { seed, timeout: Number(options.timeout), isOwnOnly: options.own });
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      running.stop();
    });
  try {
    const testsOf = testsReaching(copy);
    for (const [index, mutant] of chosen.entries()) {
      if (index + 1 < from) continue;
      const result = await running.judge({ ...mutant, area: areaOf(mutant.path) }, testsOf(mutant.path));
      if (running.isStopped) {
        console.log(
          `\nto go on: MESHWRIGHT_SEED=${String(seed)} npm run test:mutation -- --from ${String(index + 1)}`,
        );
        break;
      }
      appendFileSync(
        results,
        `${JSON.stringify({ number: index + 1, area: areaOf(mutant.path), ...result })}\n`,
      );
      tell(index + 1, result);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  summarize();
}

/** So many mutants without repetition: an area by its lines, then one of its mutants. */
function draw(files, count) {
  const random = randomOf(seed);
  const areas = new Map();
  for (const path of files) {
    const text = readFileSync(join(root, path), 'utf8');
    const area = areas.get(areaOf(path)) ?? { lines: 0, mutants: [] };
    area.lines += text.split('\n').length;
    area.mutants.push(...mutantsOf(path, text));
    areas.set(areaOf(path), area);
  }
  const chosen = [];
  while (chosen.length < count) {
    const open = [...areas.values()].filter(({ mutants }) => mutants.length > 0);
    if (open.length === 0) break;
    let at = random() * open.reduce((sum, { lines }) => sum + lines, 0);
    const area = open.find(({ lines }) => (at -= lines) < 0) ?? open[0];
    chosen.push(...area.mutants.splice(Math.floor(random() * area.mutants.length), 1));
  }
  return chosen;
}

/** Mulberry32: the same numbers from the same seed on any machine. */
function randomOf(start) {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What git would commit of the checkout, in a temporary folder, with the installed packages linked. */
function copyOfCheckout() {
  const copy = mkdtempSync(join(tmpdir(), 'meshwright-mutation-'));
  const names = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
  });
  for (const name of names.split('\0')) {
    if (name === '' || name.startsWith('node_modules') || !existsSync(join(root, name))) continue;
    cpSync(join(root, name), join(copy, name), { recursive: true, verbatimSymlinks: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function describe(mutant, text) {
  const { line, before, after } = linesOf(mutant, text);
  console.log(`${mutant.path}:${String(line)} ${mutant.what}\n  - ${before}\n  + ${after}`);
}

function tell(number, { path, line, what, before, after, isKilled, where, by, seconds }) {
  const verdict = isKilled === undefined ? 'UNDECIDED' : isKilled ? `killed by ${where}` : 'SURVIVED';
  console.log(`${String(number)} ${verdict} (${String(seconds)} s) ${path}:${String(line)} ${what}`);
  console.log(isKilled ? `  ${by}` : `  - ${before}\n  + ${after}`);
}

/** The table for docs/TESTING.md, and what survived, of all the runs with this seed. */
function summarize() {
  const judged = new Map(
    readFileSync(results, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
      .map((result) => [result.number, result]),
  );
  const rows = [...new Set([...judged.values()].map(({ area }) => area))].sort();
  const row = (name, some) => {
    const killed = some.filter(({ isKilled }) => isKilled).length;
    const own = some.filter(({ where }) => where === 'its own tests').length;
    const share = some.length === 0 ? '' : `${String(Math.round((100 * killed) / some.length))} %`;
    return `| ${name} | ${String(some.length)} | ${String(own)} | ${String(killed - own)} | ${String(some.length - killed)} | ${share} |`;
  };
  const all = [...judged.values()].filter(({ isKilled }) => isKilled !== undefined);
  if (all.length < judged.size)
    console.log(
      `\n${String(judged.size - all.length)} left out: the tests do not end in time without the mutant either`,
    );
  console.log('\n| area | mutants | killed by its own tests | by others | survived | score |');
  console.log('| --- | --: | --: | --: | --: | --: |');
  for (const area of rows)
    console.log(
      row(
        area,
        all.filter((result) => result.area === area),
      ),
    );
  console.log(row('all', all));
  for (const { path, line, what, before, after, isKilled } of all)
    if (!isKilled) console.log(`\n${path}:${String(line)} ${what}\n  - ${before}\n  + ${after}`);
}
