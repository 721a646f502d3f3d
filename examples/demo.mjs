// Runs the main job without an account, a cluster or a network: a forge in a folder, filled with the example applications;
// the pull requests that move them into the mesh; the second run that has nothing left to do; and, after edits by hand,
// the pull request of a template upgrade.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const demo = join(root, '.demo');
const forge = join(demo, 'forge');
const examples = join(root, 'examples');
const cli = join(root, 'dist/src/cli.js');
const environment = {
  ...process.env,
  MESHWRIGHT_CACHE: join(demo, 'cache'),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

function git(directory, ...args) {
  return execFileSync(
    'git',
    ['-c', 'user.name=Demo', '-c', 'user.email=demo@acme.example', '-c', 'core.autocrlf=false', ...args],
    {
      cwd: directory,
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
}

function meshwright(...args) {
  console.log(`\n$ meshwright ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [cli, ...args], {
    cwd: examples,
    env: environment,
    stdio: 'inherit',
  });
  return status;
}

/** @param into  folder of the bare repositories
 *  @param checkouts  folder of the working copies */
function buildForge(into, checkouts) {
  const repositories = join(examples, 'repositories');
  for (const owner of readdirSync(repositories))
    for (const name of readdirSync(join(repositories, owner))) {
      const checkout = join(checkouts, owner, name);
      const bare = join(into, owner, `${name}.git`);
      cpSync(join(repositories, owner, name), checkout, { recursive: true });
      mkdirSync(bare, { recursive: true });
      git(bare, 'init', '--quiet', '--bare', '--initial-branch=main');
      git(checkout, 'init', '--quiet', '--initial-branch=main');
      git(checkout, 'add', '--all');
      git(checkout, 'commit', '--quiet', '--message', 'The application as it is today');
      git(checkout, 'push', '--quiet', bare, 'main');
    }
}

function pullRequests() {
  const found = [];
  for (const owner of readdirSync(forge))
    for (const folder of readdirSync(join(forge, owner)).filter((name) => name.endsWith('.pulls')))
      for (const file of readdirSync(join(forge, owner, folder)))
        found.push(join(forge, owner, folder, file));
  return found;
}

const payments = join(forge, 'acme/payments.git');

/** Someone edits a file of payments' main branch by hand. */
function edit(path, from, to) {
  const checkout = join(demo, 'checkouts/acme/payments');
  git(checkout, 'pull', '--quiet', '--ff-only', payments, 'main');
  const text = readFileSync(join(checkout, path), 'utf8');
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  writeFileSync(join(checkout, path), text.replace(from, to));
  git(checkout, 'commit', '--quiet', '--all', '--message', `Edit ${path} by hand`);
  git(checkout, 'push', '--quiet', payments, 'HEAD:main');
}

/** Months later: merged, edited by hand, and then the templates have a new version. */
function regenerate() {
  const [joined, upgraded] = ['meshwright/payments@lab.joined', 'meshwright/payments@lab.upgrade'];
  console.log('\nMonths later. Payments was generated with the first version of the templates and merged;');
  git(join(forge, 'acme/platform.git'), 'branch', '--force', 'main', joined);
  git(payments, 'branch', '--force', 'main', joined);
  if (meshwright('upgrade', 'payments@lab', '--to', '1.0.0', '--open') !== 0) process.exit(1);
  git(payments, 'branch', '--force', 'main', upgraded);
  git(payments, 'branch', '--quiet', '--delete', '--force', upgraded);
  rmSync(join(forge, 'acme/payments.pulls'), { recursive: true });

  console.log('\nand its people edited what was generated:\n');
  edit(
    'deploy/istio-sidecar.yaml',
    '        - kube-system/* # DNS\n',
    '        - kube-system/* # DNS\n        - legacy/* # until May, ask #payments\n',
  );
  edit('deploy/virtual-service.yaml', '      route:\n', '      timeout: 5s # slow reports\n      route:\n');
  const edits = git(join(demo, 'checkouts/acme/payments'), 'diff', '--unified=0', 'HEAD~2', 'HEAD');
  console.log(edits.replace(/^(diff|index|---) .*\n/gm, ''));

  console.log('Is anything due?');
  meshwright('upgrade', 'payments@lab', '--check');
  if (meshwright('upgrade', 'payments@lab', '--open') !== 0) process.exit(1);
  console.log('\nWhat the new templates change, every byte of the edits kept:\n');
  console.log(git(payments, 'diff', `main..${upgraded}`, '--', 'deploy'));
  const [pull] = pullRequests().filter((file) => file.includes('payments.pulls'));
  console.log(`The pull request (${pull.slice(root.length)}):\n`);
  console.log(readFileSync(pull, 'utf8').replace(/^/gm, '    '));
}

/** The same fleet from its beginning, wave by wave: what is opened, what waits, and for what. */
function wave() {
  console.log('\nThe whole fleet from the beginning, on a forge of its own: in which order, and why?');
  const folder = join(demo, 'wave');
  buildForge(join(folder, 'forge'), join(folder, 'checkouts'));
  const fleet = readFileSync(join(examples, 'fleet.yaml'), 'utf8')
    .replace('directory: ../.demo/forge', 'directory: forge')
    .replaceAll(/^ +stage: .*\n/gm, '');
  // The demo has no three days for the pilot.
  const file = '../.demo/wave/fleet.yaml';
  writeFileSync(join(examples, file), `${fleet.trimEnd()}\n\ngates: {soak: {pilot: 0s, wave: 0s}}\n`);
  const run = (...args) => {
    if (meshwright('wave', ...args, '--fleet', file) !== 0) process.exit(1);
  };
  run('plan');
  console.log('\nWhat may be opened now?');
  run('open', '--environment', 'lab');
  console.log('\nThe clusters are merged. Nobody has said that they work, so nothing else may be opened:');
  for (const cluster of ['lab-eu-1', 'lab-eu-2'])
    merge(folder, 'platform', `meshwright/cluster/${cluster}.permissive`);
  run('open', '--environment', 'lab');
  console.log(
    '\nAlice looks at Flux and the load balancers, and says so on the pull requests. The pilot opens:',
  );
  for (const number of [1, 2]) say(folder, 'platform', number, 'Flux is healthy.\n/meshwright verified');
  run('open', '--environment', 'lab');
  console.log('\nIt is merged and found good. The next move:');
  merge(folder, 'bookinfo', 'meshwright/bookinfo@lab.joined');
  say(folder, 'bookinfo', 1, '/meshwright verified');
  run('open', '--environment', 'lab');
  console.log('\nAnd where does everything stand?');
  run('status', '--environment', 'lab');
}

/** Someone merges a branch. */
function merge(folder, repository, branch) {
  const bare = join(folder, 'forge/acme', `${repository}.git`);
  const tree = git(bare, 'merge-tree', '--write-tree', 'main', branch).trim();
  const commit = git(bare, 'commit-tree', tree, '-p', 'main', '-p', branch, '-m', `Merge ${branch}`).trim();
  git(bare, 'update-ref', 'refs/heads/main', commit);
  git(bare, 'branch', '--quiet', '--delete', '--force', branch);
}

/** Someone comments on a pull request: on this forge, below a heading in the file beside it. */
function say(folder, repository, number, text) {
  const file = join(folder, 'forge/acme', `${repository}.pulls`, `${number}.comments.md`);
  writeFileSync(file, `## alice, ${new Date().toISOString()}\n\n${text}\n\n`, { flag: 'a' });
}

if (!existsSync(cli)) {
  console.error('Build first: npm run build');
  process.exit(1);
}
console.log('A forge in .demo/forge, with four repositories of example applications.');
rmSync(demo, { recursive: true, force: true });
buildForge(forge, join(demo, 'checkouts'));

const targets = ['cluster/lab-eu-1', 'bookinfo@lab', 'payments@lab', 'online-boutique@lab'];
const opened = meshwright('open', ...targets);
if (opened !== 0) process.exit(opened ?? 1);

console.log('\nWhat Bookinfo’s pull request changes in files that exist already:\n');
const branch = 'meshwright/bookinfo@lab.joined';
console.log(git(join(forge, 'acme/bookinfo.git'), 'diff', '--diff-filter=M', `main..${branch}`));
console.log('And its files that are new:\n');
console.log(git(join(forge, 'acme/bookinfo.git'), 'diff', '--diff-filter=A', '--stat', `main..${branch}`));

const [first] = pullRequests().filter((file) => file.includes('payments.pulls'));
console.log(`The pull request of payments (${first.slice(root.length)}):\n`);
console.log(readFileSync(first, 'utf8').replace(/^/gm, '    '));

console.log('Run again: nothing is left to do.');
const again = meshwright('open', ...targets);
if (again !== 0) process.exit(again ?? 1);

regenerate();

console.log('\nMay the cluster refuse plaintext? The gate shows what is missing:');
if (meshwright('strict', 'lab-eu-1', '--check') !== 1) process.exit(1);

wave();

console.log(
  `\n${pullRequests().length} pull requests, all in .demo/forge. Look at one with:\n  git -C .demo/forge/acme/bookinfo.git diff main..${branch}`,
);
