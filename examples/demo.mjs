// Runs the main job without an account, a cluster or a network: a forge in a folder, filled with the example applications;
// the pull requests that move them into the mesh; and the second run that has nothing left to do.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

function buildForge() {
  rmSync(demo, { recursive: true, force: true });
  const repositories = join(examples, 'repositories');
  for (const owner of readdirSync(repositories))
    for (const name of readdirSync(join(repositories, owner))) {
      const checkout = join(demo, 'checkouts', owner, name);
      const bare = join(forge, owner, `${name}.git`);
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

if (!existsSync(cli)) {
  console.error('Build first: npm run build');
  process.exit(1);
}
console.log('A forge in .demo/forge, with four repositories of example applications.');
buildForge();

const opened = meshwright('open', 'bookinfo@lab', 'payments@lab', 'online-boutique@lab');
if (opened !== 0) process.exit(opened ?? 1);

console.log('\nWhat Bookinfo’s pull request changes in files that exist already:\n');
const branch = 'meshwright/bookinfo-lab-joined';
console.log(git(join(forge, 'acme/bookinfo.git'), 'diff', '--diff-filter=M', `main..${branch}`));
console.log('And its files that are new:\n');
console.log(git(join(forge, 'acme/bookinfo.git'), 'diff', '--diff-filter=A', '--stat', `main..${branch}`));

const [first] = pullRequests().filter((file) => file.includes('payments.pulls'));
console.log(`The pull request of payments (${first.slice(root.length)}):\n`);
console.log(readFileSync(first, 'utf8').replace(/^/gm, '    '));

console.log('Run again: nothing is left to do.');
const again = meshwright('open', 'bookinfo@lab', 'payments@lab', 'online-boutique@lab');
if (again !== 0) process.exit(again ?? 1);
console.log(
  `\n${pullRequests().length} pull requests, all in .demo/forge. Look at one with:\n  git -C .demo/forge/acme/bookinfo.git diff main..${branch}`,
);
