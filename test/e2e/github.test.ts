import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync, chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { git, World } from './harness/world.ts';

const branch = 'meshwright/bookinfo@lab.joined';
const sidecar = 'deploy/overlays/lab/istio-sidecar.yaml';
let world: World;

beforeEach(async () => {
  world = new World();
  await world.start();
});

afterEach(async () => {
  const { violations } = world.github;
  await world.stop();
  expect(violations).toEqual([]);
});

const open = (...more: string[]) => world.meshwright(['open', 'bookinfo@lab', ...more]);

describe('open on GitHub', () => {
  it('opens a pull request, does nothing the second time, and updates it when the fleet changes', async () => {
    const first = await open();
    const [pull] = world.github.pulls;
    const head = world.head('acme/bookinfo', branch);
    const requests = world.github.requests.length;
    const second = await open('--json');

    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain('opened    bookinfo@lab  https://ghe.example.com/acme/bookinfo/pull/1');
    expect(pull).toMatchObject({
      branch,
      base: 'main',
      title: 'Join bookinfo to the mesh (lab)',
      labels: ['istio'],
      teams: ['platform'],
    });
    expect(pull?.body).toContain('## How to roll back');
    expect(JSON.parse(second.stdout)).toMatchObject({
      results: [{ target: 'bookinfo@lab', outcome: 'unchanged' }],
    });
    expect(world.head('acme/bookinfo', branch)).toBe(head);
    // A query of GraphQL is a POST that only reads.
    const writes = world.github.requests
      .slice(requests)
      .filter((each) => !/^(?:GET|POST \/graphql)/.test(each));
    expect(writes).toEqual([]);

    world.editFleet('revision: stable', 'revision: canary');
    const third = await open();
    const fourth = await open();

    expect(third.stdout).toContain('updated   bookinfo@lab');
    expect(fourth.stdout).toContain('unchanged bookinfo@lab');
    expect(world.github.pulls).toHaveLength(1);
    expect(world.show('acme/bookinfo', branch, 'deploy/overlays/lab/namespace.yaml')).toContain(
      'istio.io/rev: canary',
    );
    expect(git(world.bareOf('acme/bookinfo'), 'rev-list', '--count', `main..${branch}`).trim()).toBe('1');
  });

  it('opens the pull request of a Namespace manifest in another repository first', async () => {
    const run = await world.meshwright(['open', 'payments@lab']);

    expect(run.code).toBe(0);
    expect(world.github.pulls.map(({ repository }) => repository)).toEqual([
      'acme/platform',
      'acme/payments',
    ]);
    expect(world.github.pulls[1]?.body).toContain('https://ghe.example.com/acme/platform/pull/1');
    expect(
      world.show('acme/platform', 'meshwright/payments@lab.joined', 'namespaces/payments.yaml'),
    ).not.toContain('istio-injection');
  });

  it('opens nothing when the base branch has it all', async () => {
    await open();
    const checkout = world.checkoutOf('acme/bookinfo');
    git(checkout, 'fetch', '--quiet', 'origin');
    git(checkout, 'push', '--quiet', 'origin', `origin/${branch}:refs/heads/main`);
    Object.assign(world.github.pulls[0] ?? {}, { state: 'closed', mergedAt: '2026-01-01T00:00:00Z' });

    const again = await open();

    expect(again.stdout).toContain('unchanged bookinfo@lab');
    expect(world.github.pulls).toHaveLength(1);
  });

  it('starts anew after its pull request was merged', async () => {
    await open();
    const checkout = world.checkoutOf('acme/bookinfo');
    git(checkout, 'fetch', '--quiet', 'origin');
    git(checkout, 'push', '--quiet', 'origin', `origin/${branch}:refs/heads/main`);
    Object.assign(world.github.pulls[0] ?? {}, { state: 'closed', mergedAt: '2026-01-01T00:00:00Z' });
    world.editFleet('revision: stable', 'revision: canary');

    const run = await open();

    expect(run.stdout).toContain('opened    bookinfo@lab  https://ghe.example.com/acme/bookinfo/pull/2');
    expect(git(world.bareOf('acme/bookinfo'), 'rev-list', '--count', `main..${branch}`).trim()).toBe('1');
  });
});

describe('the work of others', () => {
  it('on the branch is kept: what is missing goes on top of it', async () => {
    await open();
    const text = world
      .show('acme/bookinfo', branch, sidecar)
      .replace('- ./*\n', '- ./*\n        - legacy/*\n');
    const theirs = world.commit('acme/bookinfo', branch, sidecar, text);
    const told = await open();
    const body = world.github.pulls[0]?.body;
    const same = await open();
    world.editFleet('revision: stable', 'revision: canary');
    const run = await open();

    // What the text describes is no longer all that the branch holds, and it says so, once.
    expect(told.stdout).toContain('updated   bookinfo@lab');
    expect(body).toContain(
      'also contains changes that Meshwright did not generate: deploy/overlays/lab/istio-sidecar',
    );
    expect(same.stdout).toContain('unchanged bookinfo@lab');
    expect(run.stdout).toContain('updated   bookinfo@lab');
    expect(git(world.bareOf('acme/bookinfo'), 'merge-base', '--is-ancestor', theirs, branch)).toBe('');
    expect(world.show('acme/bookinfo', branch, sidecar)).toContain('- legacy/*');
    expect(world.show('acme/bookinfo', branch, 'deploy/overlays/lab/namespace.yaml')).toContain(
      'istio.io/rev: canary',
    );
  });

  it('that lands on the branch in the last moment is not overwritten, but built on', async () => {
    await open();
    world.editFleet('revision: stable', 'revision: canary');
    world.faults.beforeNextPush = () => world.commit('acme/bookinfo', branch, 'deploy/NOTES', 'quick\n');

    const run = await open();

    expect(run.code).toBe(0);
    expect(run.stdout).toContain('updated   bookinfo@lab');
    expect(world.show('acme/bookinfo', branch, 'deploy/NOTES')).toBe('quick\n');
    expect(world.show('acme/bookinfo', branch, 'deploy/overlays/lab/namespace.yaml')).toContain('canary');
  });

  it('that closed the pull request is respected', async () => {
    await open();
    Object.assign(world.github.pulls[0] ?? {}, { state: 'closed' });

    const run = await open();

    expect(run.code).toBe(1);
    expect(run.stderr).toContain('error pull-request-closed');
    expect(world.github.pulls).toHaveLength(1);
  });

  it('on the base branch does not disturb an open pull request, unless it is about the same files', async () => {
    await open();
    const head = world.head('acme/bookinfo', branch);
    world.commit('acme/bookinfo', 'main', 'README', 'news\n');
    const unrelated = await open();
    const kustomization = 'deploy/overlays/lab/kustomization.yaml';
    world.commit(
      'acme/bookinfo',
      'main',
      kustomization,
      `# ours\n${world.show('acme/bookinfo', 'main', kustomization)}`,
    );
    const related = await open();

    expect(unrelated.stdout).toContain('unchanged');
    expect(head).not.toBe(world.head('acme/bookinfo', branch));
    expect(related.stdout).toContain('updated');
    expect(world.show('acme/bookinfo', branch, kustomization)).toMatch(/^# ours\n/);
    expect(world.show('acme/bookinfo', branch, 'README')).toBe('news\n');
  });
});

describe('when the outside fails', () => {
  it.each([
    ['a wrong token', () => ({ GITHUB_TOKEN: 'ghs_wrong_but_long_enough' }), 'forge-unauthorized'],
    ['no network', () => ({ https_proxy: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9' }), 'forge-'],
  ] as const)('%s is a clear error with exit code 3', async (_, environment, rule) => {
    const run = await world.meshwright(['open', 'bookinfo@lab'], environment());

    expect(run.stderr).toContain(`error ${rule}`);
    expect(run.stderr).toContain('fix');
    expect(run.code).toBe(3);
    expect(world.github.pulls).toEqual([]);
  });

  it('a missing repository fails its target alone', async () => {
    world.editFleet('repository: acme/bookinfo', 'repository: acme/bokinfo');

    const run = await world.meshwright(['open', 'bookinfo@lab', 'payments@lab']);

    expect(run.code).toBe(3);
    expect(run.stdout).toContain('failed    bookinfo@lab');
    expect(run.stdout).toContain('opened    payments@lab');
    expect(run.stderr).toContain('error forge-not-found');
  });

  it('a protected branch says so, and the run after it is lifted finishes', async () => {
    world.protect('acme/bookinfo');
    const refused = await open();
    world.unprotect('acme/bookinfo');
    const run = await open();

    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('error forge-protected-branch');
    expect(run.stdout).toContain('opened');
    expect(world.github.pulls).toHaveLength(1);
  });

  it('a connection cut in the middle of a push or a fetch loses nothing: running again finishes', async () => {
    world.faults.cutPushes = 10;
    const push = await open();
    world.faults.cutPushes = undefined;
    world.faults.cutNextFetch = true;
    const fetch = await open();
    const run = await open();

    expect([push.code, fetch.code, run.code]).toEqual([3, 3, 0]);
    expect(push.stderr).toContain('error forge-network');
    expect(fetch.stderr).toContain('error forge-network');
    expect(world.github.pulls).toHaveLength(1);
  });

  it('an answer lost after GitHub made the pull request does not make a second one', async () => {
    world.github.loseNextAnswerTo = 'POST /repos/acme/bookinfo/pulls';

    const run = await open();
    const again = await open();

    expect(run.code).toBe(0);
    expect(again.code).toBe(0);
    expect(world.github.pulls).toHaveLength(1);
    expect(world.github.pulls[0]?.labels).toEqual(['istio']);
  });

  it.each(['push', 'POST /repos/acme/bookinfo/pulls', 'POST /repos/acme/bookinfo/issues/1/labels'])(
    'kill -9 at "%s" loses nothing and doubles nothing: the next run finishes',
    async (moment) => {
      const kill = () => {
        world.github.onRequest = () => undefined;
        world.kill();
      };
      if (moment === 'push') world.faults.beforeNextPush = kill;
      else
        world.github.onRequest = (request) => {
          if (request === moment) kill();
        };
      const killed = await open();
      const run = await open();
      const again = await open();

      expect(killed.code).toBe(-1);
      expect(run.code).toBe(0);
      expect(again.stdout).toContain('unchanged bookinfo@lab');
      expect(world.github.pulls).toMatchObject([{ labels: ['istio'], teams: ['platform'] }]);
      expect(git(world.bareOf('acme/bookinfo'), 'rev-list', '--count', `main..${branch}`).trim()).toBe('1');
    },
  );

  it('without credentials nothing is tried', async () => {
    const run = await world.meshwright(['open', 'bookinfo@lab'], { GITHUB_TOKEN: '' });

    expect(run.code).toBe(2);
    expect(run.stderr).toContain('error credentials-missing');
    expect(world.github.requests).toEqual([]);
  });
});

it('authenticates as a GitHub App, whose key stays in memory', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  world.github.appKey = publicKey;

  const app = { GITHUB_TOKEN: '', MESHWRIGHT_APP_ID: '7', MESHWRIGHT_APP_INSTALLATION_ID: '11' };
  const run = await world.meshwright(['open', 'bookinfo@lab'], {
    ...app,
    MESHWRIGHT_APP_PRIVATE_KEY: privateKey,
  });
  const half = await world.meshwright(['open', 'bookinfo@lab'], app);

  expect(run.stdout).toContain('opened    bookinfo@lab');
  expect(world.filesWith(privateKey.slice(100, 160))).toEqual([]);
  expect(world.filesWith(world.github.token)).toEqual([]);
  expect(half.code).toBe(2);
  expect(half.stderr).toContain('error credentials-incomplete');
});

it('keeps the token out of arguments, files, output and errors', async () => {
  const log = join(world.folder, 'argv.log');
  const bin = join(world.folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'git'),
    `#!/bin/sh\nprintf '%s\\n' "$*" >> "${log}"\nPATH="\${PATH#*:}" exec git "$@"\n`,
  );
  chmodSync(join(bin, 'git'), 0o755);
  const path = { PATH: `${bin}:${process.env.PATH ?? ''}` };

  const good = await world.meshwright(['open', 'bookinfo@lab', '--json'], path);
  world.protect('acme/payments');
  const bad = await world.meshwright(['open', 'payments@lab'], path);
  const { token } = world.github;

  expect([good.code, bad.code]).toEqual([0, 3]);
  expect(readFileSync(log, 'utf8')).toContain('push');
  expect([good.stdout, good.stderr, bad.stdout, bad.stderr].filter((text) => text.includes(token))).toEqual(
    [],
  );
  expect(world.filesWith(token)).toEqual([]);
});

it('writes the exact bytes: CRLF, no final newline, modes, and nothing through links', async () => {
  const checkout = world.checkoutOf('acme/payments');
  git(checkout, 'fetch', '--quiet', 'origin');
  chmodSync(join(checkout, 'deploy/kustomization.yml'), 0o755);
  git(checkout, 'add', '--all');
  git(checkout, 'commit', '--quiet', '--message', 'mode');
  git(checkout, 'push', '--quiet', 'origin', 'main');

  const run = await world.meshwright(['open', 'payments@lab']);
  const bare = world.bareOf('acme/payments');
  const changed = git(bare, 'diff', '--raw', 'main..meshwright/payments@lab.joined');

  expect(run.code).toBe(0);
  expect(git(bare, 'diff', '--stat', 'main..meshwright/payments@lab.joined', '--', 'deploy/app.yaml')).toBe(
    '',
  );
  expect(changed).toMatch(/:100755 100755 \w+ \w+ M\tdeploy\/kustomization\.yml/);
});
