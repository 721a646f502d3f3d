import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const home = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

let folder: string;
let generated: string;
let checkout: string;

/** What the fleet says of `payments`, whose ledger many others call. */
interface Wanted {
  readonly callers: readonly number[];
  readonly path?: string;
  readonly environment?: string;
  readonly name?: string;
  readonly stage?: string;
}

function fleetOf({ callers, path, environment, name, stage }: Wanted): string {
  const {
    path: where,
    environment: env,
    name: called,
    stage: step,
  } = {
    path: path ?? 'deploy',
    environment: environment ?? 'lab',
    name: name ?? 'payments',
    stage: stage ?? 'enforced',
  };
  const clients = callers.flatMap((index) => [
    `      - {name: c${String(index)}, serviceAccount: c${String(index)}, ports: [8080], calls: [payments/ledger:9000]}`,
  ]);
  return [
    'version: 1',
    'mesh:',
    '  istioVersion: 1.30.3',
    '  revision: stable',
    '  gateway: {serviceAccount: istio-ingressgateway}',
    'clusterDefaults: {repository: acme/platform}',
    'forge: {kind: local, directory: forge}',
    'environments:',
    `  - {name: ${env}, domain: lab.acme.example, clusters: [lab-eu-1]}`,
    'namespaces:',
    ...(called === ''
      ? []
      : [
          `  - name: ${called}`,
          '    repository: acme/payments',
          `    path: ${where}`,
          `    stage: ${step}`,
          '    namespaceManifest: {repository: acme/platform, path: namespaces/payments.yaml}',
          '    complete: {callers: its team says so, calls: its team says so}',
          '    services:',
          '      - {name: ledger, serviceAccount: ledger, ports: [9000/grpc]}',
        ]),
    '  - name: clients',
    '    repository: acme/clients',
    '    path: clients',
    '    stage: enforced',
    '    complete: {callers: its team says so, calls: its team says so}',
    ...(called === 'payments' ? ['    services:', ...clients] : []),
    '',
  ].join('\n');
}

async function meshwright(...args: readonly string[]) {
  try {
    const { stdout, stderr } = await run(process.execPath, [join(home, 'dist/src/cli.js'), ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '', MESHWRIGHT_CACHE: join(folder, 'cache') },
    });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, text: failed.stdout + failed.stderr };
  }
}

const declare = (wanted: Wanted) => writeFile(join(folder, 'fleet.yaml'), fleetOf(wanted));
const upgrade = (target: string, ...args: string[]) =>
  meshwright('upgrade', target, '--dir', checkout, ...args);
const policies = 'istio-authorizationpolicy.yaml';
const lock = '.meshwright/payments@lab.lock.yaml';
const read = (path: string) => readFile(join(checkout, path), 'utf8');
const callersIn = (text: string) =>
  [...text.matchAll(/\/ns\/clients\/sa\/c(\d+)$/gm)].map(([, index]) => Number(index)).sort((a, b) => a - b);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

async function move(from: string, to: string): Promise<void> {
  await mkdir(dirname(join(checkout, to)), { recursive: true });
  await rename(join(checkout, from), join(checkout, to));
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  await writeFile(join(checkout, path), change(await read(path)));
}

beforeAll(async () => {
  generated = await mkdtemp(join(tmpdir(), 'meshwright-generated-'));
  [folder, checkout] = [generated, join(generated, 'payments')];
  await cp(join(home, 'examples/repositories/acme/payments'), checkout, { recursive: true });
  await declare({ callers: upTo(72) });
  const made = await meshwright('apply', 'payments@lab', '--dir', checkout);
  expect(made).toMatchObject({ code: 0 });
  return () => rm(generated, { recursive: true, force: true });
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshwright-moved-'));
  checkout = join(folder, 'payments');
  await cp(join(generated, 'payments'), checkout, { recursive: true });
  await declare({ callers: upTo(72) });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('an upgrade of a policy with 72 callers', () => {
  it('keeps out the caller that people removed and the one that the fleet dropped', async () => {
    await edit(`deploy/${policies}`, (text) =>
      text.replace(
        /^ {4}- from:\n(?:(?!^ {4}- from:)[^\n]*\n)*?[^\n]*\/sa\/c13\n(?:(?!^ {4}- from:|^---)[^\n]*\n)*/m,
        '',
      ),
    );
    expect(callersIn(await read(`deploy/${policies}`))).toEqual(upTo(72).filter((each) => each !== 13));
    await declare({ callers: upTo(72).filter((each) => each !== 70) });

    const agreed = 'caller-not-allowed=c13 was shut out by hand';
    const upgraded = await upgrade('payments@lab', '--override', agreed);

    expect(upgraded).toMatchObject({ code: 0 });
    const left = upTo(72).filter((each) => each !== 13 && each !== 70);
    expect(callersIn(await read(`deploy/${policies}`))).toEqual(left);
  });
});

const dropped = upTo(71);

describe('an upgrade after a move', () => {
  it('follows the directory to its new path: edits stay, and a dropped caller goes', async () => {
    await edit(`deploy/${policies}`, (text) => text.replace('    - from:\n', '    # ours\n    - from:\n'));
    await move('deploy', 'apps/payments/lab');
    const moved = { callers: dropped, path: 'apps/payments/lab' };
    await declare({ ...moved, callers: upTo(72) });
    const due = await upgrade('payments@lab', '--check');
    await declare(moved);

    const upgraded = await upgrade('payments@lab');

    expect(due).toMatchObject({ code: 1 });
    expect(due.text).toContain('payments@lab  due: 1 file changes');
    expect(upgraded).toMatchObject({ code: 0 });
    const text = await read(`apps/payments/lab/${policies}`);
    expect(callersIn(text)).toEqual(dropped);
    expect(text).toContain('# ours');
    expect(await read(lock)).toContain('  - path: apps/payments/lab\n');
    const settled = await upgrade('payments@lab', '--check');
    expect(settled).toMatchObject({ code: 0 });
    expect(settled.text).toContain('up to date');
  });

  it('takes over the lock of a target whose environment was renamed', async () => {
    await declare({ callers: dropped, environment: 'test' });

    const due = await upgrade('payments@test', '--check');
    const upgraded = await upgrade('payments@test');

    expect(due).toMatchObject({ code: 1 });
    expect(due.text).toContain('payments@test  due:');
    expect(upgraded).toMatchObject({ code: 0 });
    expect(callersIn(await read(`deploy/${policies}`))).toEqual(dropped);
    await expect(read(lock)).rejects.toThrow();
    expect(await read('.meshwright/payments@test.lock.yaml')).toMatch(/^ {2}name: "?payments@test"?$/m);
    expect(await upgrade('payments@test', '--check')).toMatchObject({ code: 0 });
  });

  it('knows a policy that people gave another name, and the kustomization under its other name', async () => {
    await edit(`deploy/${policies}`, (text) => text.replace('name: deny-all', 'name: zero-trust'));
    await move('deploy/kustomization.yml', 'deploy/kustomization.yaml');
    await declare({ callers: dropped });

    const upgraded = await upgrade('payments@lab');

    expect(upgraded).toMatchObject({ code: 0 });
    const text = await read(`deploy/${policies}`);
    expect(callersIn(text)).toEqual(dropped);
    expect(text).toContain('name: zero-trust');
    expect(text).not.toContain('name: deny-all');
    expect(await upgrade('payments@lab', '--check')).toMatchObject({ code: 0 });
  });

  it('finds the policies in a file that people renamed', async () => {
    await move(`deploy/${policies}`, 'deploy/policies.yaml');
    await edit('deploy/kustomization.yml', (text) => text.replace(policies, 'policies.yaml'));
    await declare({ callers: dropped });

    const upgraded = await upgrade('payments@lab');

    expect(upgraded).toMatchObject({ code: 0 });
    expect(callersIn(await read('deploy/policies.yaml'))).toEqual(dropped);
    expect(await upgrade('payments@lab', '--check')).toMatchObject({ code: 0 });
  });
});

/** What leaves a generated rule in force that the fleet does not want, and what is said of it. */
const orphaned: readonly (readonly [string, () => Promise<string>, string])[] = [
  [
    'the directory moved and fleet.yaml did not follow',
    async () => {
      await move('deploy', 'apps/payments');
      return 'payments@lab';
    },
    'lock-directory-missing',
  ],
  [
    'fleet.yaml names a directory where nothing was generated',
    async () => {
      await mkdir(join(checkout, 'other'));
      await cp(join(home, 'examples/repositories/acme/payments/deploy'), join(checkout, 'other'), {
        recursive: true,
      });
      await declare({ callers: dropped, path: 'other' });
      return 'payments@lab';
    },
    'lock-left-behind',
  ],
  [
    'the directory moved and every generated file in it got another name',
    async () => {
      await move('deploy', 'other');
      for (const name of [policies, 'istio-sidecar.yaml', 'istio-destinationrule.yaml']) {
        await move(`other/${name}`, `other/${name.replace('istio', 'mesh')}`);
        await edit('other/kustomization.yml', (text) => text.replace(name, name.replace('istio', 'mesh')));
      }
      await move('other/istio-restart-patch.yaml', 'other/restart.yaml');
      await edit('other/kustomization.yml', (text) => text.replace('istio-restart-patch', 'restart'));
      await declare({ callers: dropped, path: 'other' });
      return 'payments@lab';
    },
    'lock-not-followed',
  ],
  [
    'the namespace is called something else in the fleet',
    async () => {
      await declare({ callers: [], name: 'store' });
      return 'store@lab';
    },
    'bundle-namespace-differs',
  ],
  [
    'the namespace is not in the fleet any more',
    async () => {
      await declare({ callers: [], name: '' });
      return '--all';
    },
    'lock-orphaned',
  ],
  [
    'the lock was deleted',
    async () => {
      await declare({ callers: dropped });
      await rm(join(checkout, lock));
      return 'payments@lab';
    },
    'lock-missing',
  ],
  [
    'the lock was damaged by a merge',
    async () => {
      await edit(lock, (text) => text.replace(/^ {4}stage:/m, '<<<<<<< HEAD\n    stage:'));
      return 'payments@lab';
    },
    'lock-damaged',
  ],
  [
    'the lock is that of another target',
    async () => {
      await edit(lock, (text) => text.replace(/^( {2}name: "?)payments/m, '$1orders'));
      return 'payments@lab';
    },
    'lock-damaged',
  ],
  [
    'the fleet keeps the namespace outside again',
    async () => {
      await declare({ callers: dropped, stage: 'outside' });
      return 'payments@lab';
    },
    'lock-outside',
  ],
];

describe('upgrade --check', () => {
  it.each(orphaned)('never says that all is well when %s', async (_, happens, rule) => {
    const target = await happens();

    const { code, text } = await upgrade(target, '--check');

    expect(text).toContain(rule);
    expect(code).toBe(1);
    expect(text).not.toContain('payments@lab  up to date');
  });

  it('says that a namespace without a lock was not generated yet', async () => {
    await rm(checkout, { recursive: true });
    await cp(join(home, 'examples/repositories/acme/payments'), checkout, { recursive: true });

    const { code, text } = await upgrade('payments@lab', '--check');

    expect(code).toBe(0);
    expect(text).toContain('payments@lab  not generated yet');
  });
});
