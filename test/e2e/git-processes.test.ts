import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { meshwright } from './harness/cli.ts';
import { CountedGit } from './harness/counted-git.ts';
import { git, World } from './harness/world.ts';

const cliFile = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url));
const targets = 10;
const repositories = 5;

let first: string;
let folder: string;
let counted: CountedGit;
beforeAll(() => {
  folder = first = mkdtempSync(join(tmpdir(), 'meshwright-processes-'));
  publish();
});
afterAll(() => {
  rmSync(first, { recursive: true, force: true });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-processes-'));
  cpSync(first, folder, { recursive: true });
  counted = new CountedGit(join(folder, 'bin'));
});
afterEach(async () => {
  await counted.ended();
  rmSync(folder, { recursive: true, force: true });
});

function writeFleet(revision: string): void {
  const namespaces = Array.from(
    { length: targets },
    (_, index) => `  - name: ns-${String(index)}
    repository: acme/r-${String(index % repositories)}
    path: deploy/ns-${String(index)}
    environments: [lab]
    stage: joined
    services: [{name: catalog, serviceAccount: catalog, ports: [8080]}]
`,
  );
  writeFileSync(
    join(folder, 'fleet.yaml'),
    `version: 1
mesh: {istioVersion: 1.30.3, revision: ${revision}, gateway: {serviceAccount: gateway}}
forge: {kind: local, directory: forge}
environments: [{name: lab}]
namespaces:
${namespaces.join('')}`,
  );
}

const manifests = (namespace: string) => `apiVersion: v1
kind: Namespace
metadata: {name: ${namespace}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: catalog}
spec:
  selector: {matchLabels: {app: catalog}}
  template:
    metadata: {labels: {app: catalog}}
    spec: {serviceAccountName: catalog, containers: [{name: catalog, image: "catalog:1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: catalog}
spec: {selector: {app: catalog}, ports: [{port: 8080, name: http}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: catalog}
`;

const checkoutOf = (repository: number) => join(folder, 'checkouts', String(repository));
const bareOf = (repository: number) => join(folder, 'forge/acme', `r-${String(repository)}.git`);
const namesIn = (repository: number) =>
  Array.from(
    { length: targets / repositories },
    (_, index) => `ns-${String(repository + index * repositories)}`,
  );

/** Repositories whose targets are in the mesh, on a local forge. */
function publish(): void {
  writeFleet('stable');
  for (let repository = 0; repository < repositories; repository++) {
    const [checkout, bare] = [checkoutOf(repository), bareOf(repository)];
    for (const name of namesIn(repository)) {
      const directory = join(checkout, 'deploy', name);
      mkdirSync(directory, { recursive: true });
      writeFileSync(join(directory, 'kustomization.yaml'), `namespace: ${name}\nresources:\n- app.yaml\n`);
      writeFileSync(join(directory, 'app.yaml'), manifests(name));
    }
    const names = namesIn(repository).map((name) => `${name}@lab`);
    const applied = meshwright(['apply', ...names, '--dir', checkout], { cwd: folder });
    if (applied.code !== 0) throw new Error(applied.stderr);
    mkdirSync(dirname(bare), { recursive: true });
    git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', bare);
    git(checkout, 'init', '--quiet', '--initial-branch=main');
    git(checkout, 'add', '--all');
    git(checkout, 'commit', '--quiet', '--message', 'in the mesh');
    git(checkout, 'push', '--quiet', bare, 'main');
  }
}

const environment = (path = counted.path) => ({ PATH: path, MESHWRIGHT_CACHE: join(folder, 'cache') });
const run = (...args: string[]) => meshwright(args, { cwd: folder, environment: environment() });

function counts(commands: readonly string[]): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const command of commands) found[command] = (found[command] ?? 0) + 1;
  return found;
}

describe('on a local forge, ten targets in five repositories', () => {
  it('are looked at with three processes a repository, two when nothing is new, and write with two more each', () => {
    expect(run('upgrade', '--all', '--check')).toMatchObject({ code: 0 });
    expect(counts(counted.taken())).toEqual({ 'ls-remote': 5, fetch: 5, 'cat-file': 5 });
    expect(run('upgrade', '--all', '--check')).toMatchObject({ code: 0 });
    expect(counts(counted.taken())).toEqual({ 'ls-remote': 5, 'cat-file': 5 });

    writeFleet('canary');
    expect(run('diff', '--all').stdout).toContain('canary');
    expect(counts(counted.taken())).toEqual({ 'ls-remote': 5, 'cat-file': 5 });
    const opened = run('upgrade', '--all', '--open', '--json');
    expect(JSON.parse(opened.stdout)).toMatchObject({ summary: { opened: targets } });
    // One cat-file more for each repository of the forge itself, where the pull requests are.
    expect(counts(counted.taken())).toEqual({
      'ls-remote': 5,
      'cat-file': 10,
      'fast-import': 10,
      push: 10,
    });
  });

  it('are planned on what is there now once something was written, and not on what was there before', () => {
    writeFleet('canary');
    expect(run('upgrade', '--all', '--open')).toMatchObject({ code: 0 });

    // Someone merges one of two, and the fleet goes on.
    const [one = '', other = ''] = namesIn(0);
    git(bareOf(0), 'branch', '--force', 'main', `meshwright/${one}@lab.upgrade`);
    git(bareOf(0), 'branch', '--quiet', '-D', `meshwright/${one}@lab.upgrade`);
    writeFleet('newest');
    const again = run('upgrade', `${one}@lab`, `${other}@lab`, '--open', '--json');

    expect(JSON.parse(again.stdout)).toMatchObject({ summary: { opened: 1, updated: 1 } });
    const parents = [one, other].map((name) =>
      git(bareOf(0), 'log', '--format=%P', '-1', `meshwright/${name}@lab.upgrade`).trim(),
    );
    const main = git(bareOf(0), 'rev-parse', 'main').trim();
    expect(parents).toEqual([main, main]);
  });
});

describe('no git outlives the run', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'that %s ended in the middle of reading',
    async (signal) => {
      // Whoever is to be asked for objects ends the run before it is there itself.
      const stopping = new CountedGit(
        join(folder, 'stopping'),
        `[ "$1" != cat-file ] || kill -${signal.slice(3)} $PPID`,
      );
      const stopped = spawn(process.execPath, [cliFile, 'upgrade', '--all', '--check'], {
        cwd: folder,
        env: { HOME: folder, ...environment(stopping.path) },
        stdio: 'ignore',
      });
      await new Promise((done) => stopped.on('close', done));

      expect(stopping.commands()).toContain('cat-file');
      await stopping.ended();

      expect(run('upgrade', '--all', '--check')).toMatchObject({ code: 0 });
    },
  );

  it('and one that is killed itself is replaced: the run says the same', () => {
    const whole = run('upgrade', '--all', '--check');
    const marker = join(folder, 'marker');
    const dying = new CountedGit(
      join(folder, 'dying'),
      `if [ "$1" = cat-file ] && mkdir '${marker}' 2> /dev/null; then head -c 20 > /dev/null; kill -9 $$; fi`,
    );

    const disturbed = meshwright(['upgrade', '--all', '--check'], {
      cwd: folder,
      environment: environment(dying.path),
    });

    expect(disturbed).toEqual(whole);
    expect(counts(dying.taken())['cat-file']).toBe(6);
  });
});

it('on a git server, a repository is asked once where its branches are, and twice for what is new in it', async () => {
  const world = new World();
  await world.start();
  try {
    const opened = await world.meshwright(['open', 'bookinfo@lab'], { PATH: counted.path });
    const first = counts(counted.taken());
    const again = await world.meshwright(['diff', 'bookinfo@lab'], { PATH: counted.path });
    const second = counts(counted.taken());

    expect(opened).toMatchObject({ code: 0 });
    expect(again).toMatchObject({ code: 1 });
    // Of the application's repository and of the one of the clusters: a branch, and then all manifests at once.
    expect(first).toEqual({ config: 1, 'ls-remote': 2, fetch: 4, 'cat-file': 2, 'fast-import': 1, push: 1 });
    expect(second).toEqual({ config: 1, 'ls-remote': 2, 'cat-file': 2 });
  } finally {
    await world.stop();
  }
});
