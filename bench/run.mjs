// Measures what docs/PERFORMANCE.md tells, each row beside its peers in the same run, and prints the table. Nothing here is a
// test: figures depend on the machine. One file a group of rows in rows/.
//   npm run bench -- --short                 small sizes: whether it runs at all, in under a minute
//   npm run bench -- --only start,fleets     some groups
//   npm run bench -- --against DIST          beside an earlier build: its dist folder, in a package with its node_modules
//   npm run bench -- --write                 puts the table into docs/PERFORMANCE.md
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { precompiledTemplates } from '../precompile.mjs';
import * as measure from './measure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    against: { type: 'string' },
  },
});
const names = readdirSync(new URL('rows', import.meta.url))
  .map((file) => file.replace('.mjs', ''))
  // What runs inside of this process makes it large, and a child is told as no smaller than what started it.
  .sort((one, two) => Number(one === 'inside') - Number(two === 'inside'))
  .filter((name) => values.only === undefined || values.only.split(',').includes(name));
const builds = [join(root, 'dist/src/cli.js')];
if (values.against !== undefined) builds.push(resolve(values.against, 'src/cli.js'));
for (const cli of builds) if (!existsSync(cli)) throw new Error(`There is no ${cli}: build it first.`);

const table = [];
const work = mkdtempSync(join(tmpdir(), 'meshwright-bench-'));
let failures = 0;
try {
  for (const name of names) {
    const folder = join(work, name);
    mkdirSync(folder);
    const { rows } = await import(new URL(`rows/${name}.mjs`, import.meta.url));
    try {
      await rows({
        root,
        builds,
        inside: insideOf,
        folder,
        measure,
        isShort: values.short,
        judge,
        forge: () => forgeIn(folder),
        row: (cells) => {
          table.push(cells);
          process.stderr.write(`${cells.what}: ${cells.figures.join(' | ')}\n`);
        },
      });
    } catch (error) {
      failures++;
      process.stderr.write(`${name} failed: ${error.stack}\n`);
    }
    rmSync(folder, { recursive: true, force: true });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
const text = printed();
console.log(text);
if (values.write && failures === 0) writeTable(text);
if (failures > 0) process.exitCode = 1;

/** One module of what rows measure inside of this process; below the package, where its packages are found. */
async function insideOf() {
  const folder = join(root, '.cache/bench');
  const build = await rolldown({
    input: join(root, 'bench/inside.ts'),
    platform: 'node',
    plugins: [precompiledTemplates()],
    external: (id) => !id.startsWith('.') && !/^(\/|[A-Za-z]:)/.test(id),
  });
  await build.write({ dir: folder, format: 'esm', cleanDir: true });
  return import(pathToFileURL(join(folder, 'inside.js')));
}

/** A program of the judges, where they were installed (npm run judges:install); undefined: it is not here. */
function judge(name, program) {
  const cache = join(root, '.cache/judges');
  const folder = existsSync(cache)
    ? readdirSync(cache).find((each) => each.startsWith(`${name}-v`))
    : undefined;
  const file = folder === undefined ? undefined : join(cache, folder, program);
  return file !== undefined && existsSync(file) ? file : undefined;
}

/** The examples with their repositories on the forge that their fleet names, made once for a group.
 *  @returns the environment to run in; MESHWRIGHT_BENCH_CWD is the folder of the fleet file */
function forgeIn(folder) {
  const examples = join(folder, 'examples');
  const environment = {
    ...process.env,
    MESHWRIGHT_CACHE: join(folder, 'cache'),
    MESHWRIGHT_BENCH_CWD: examples,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  if (existsSync(examples)) return environment;
  cpSync(join(root, 'examples'), examples, { recursive: true });
  const git = (cwd, ...args) =>
    execFileSync('git', ['-c', 'user.name=Bench', '-c', 'user.email=bench@acme.example', ...args], {
      cwd,
      env: environment,
      stdio: 'pipe',
    });
  const repositories = join(examples, 'repositories');
  for (const owner of readdirSync(repositories))
    for (const name of readdirSync(join(repositories, owner))) {
      const bare = join(folder, '.demo/forge', owner, `${name}.git`);
      const checkout = join(repositories, owner, name);
      mkdirSync(bare, { recursive: true });
      git(bare, 'init', '--quiet', '--bare', '--initial-branch=main');
      git(checkout, 'init', '--quiet', '--initial-branch=main');
      git(checkout, 'add', '--all');
      git(checkout, 'commit', '--quiet', '--message', 'As it is today');
      git(checkout, 'push', '--quiet', bare, 'main');
    }
  return environment;
}

function printed() {
  const machine = `Node ${process.version}, ${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB. Seconds are those of the processor where nothing else is said.`;
  const head =
    builds.length > 1
      ? ['what', 'this build', 'earlier build', 'peer in the same run', 'note']
      : ['what', 'figure', 'peer in the same run', 'note'];
  const lines = table.map(({ what, figures, peer, note }) => [
    what,
    ...builds.map((_, index) => figures[index] ?? 'not asked'),
    peer,
    note,
  ]);
  const rowOf = (cells) => `| ${cells.join(' | ')} |`;
  return [machine, '', rowOf(head), rowOf(head.map(() => '---')), ...lines.map(rowOf)].join('\n');
}

function writeTable(text) {
  const file = join(root, 'docs/PERFORMANCE.md');
  const before = readFileSync(file, 'utf8');
  const [start, end] = ['<!-- bench -->', '<!-- /bench -->'];
  if (!before.includes(start) || !before.includes(end))
    throw new Error(`${file} has no place for the table.`);
  const after = `${before.slice(0, before.indexOf(start) + start.length)}\n\n${text}\n\n${before.slice(before.indexOf(end))}`;
  writeFileSync(file, after);
}
