import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { git, World } from './harness/world.ts';

const cliFile = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-at-once-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface End {
  readonly code: number | null;
  readonly text: string;
}

function start(args: readonly string[]): { readonly end: Promise<End>; kill(): void } {
  const child = spawn(process.execPath, [cliFile, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (text += bytes.toString()));
  const end = new Promise<End>((done) => {
    child.on('close', (code) => {
      done({ code, text });
    });
  });
  return {
    end,
    kill: () => {
      if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    },
  };
}

const atOnce = (commands: readonly (readonly string[])[]) =>
  Promise.all(commands.map((args) => start(args).end));

const fleet = (namespaces: string) => `version: 1
mesh: {istioVersion: 1.30.3, revision: stable, gateway: {serviceAccount: gateway}}
forge: {kind: local, directory: forge}
environments: [{name: lab}]
namespaces:${namespaces}
`;

function seed(name: string): string {
  const checkout = join(folder, 'checkouts', name);
  mkdirSync(join(checkout, 'deploy'), { recursive: true });
  writeFileSync(
    join(checkout, 'deploy/all.yaml'),
    `apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: ${name}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: web, image: "web:1", ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: ${name}}
spec: {selector: {app: web}, ports: [{name: http, port: 8080}]}
`,
  );
  git(checkout, 'init', '--quiet', '--initial-branch=main');
  git(checkout, 'add', '--all');
  git(checkout, 'commit', '--quiet', '-m', 'An application');
  const bare = join(folder, 'forge/acme', `${name}.git`);
  git(folder, 'clone', '--quiet', '--bare', checkout, bare);
  return checkout;
}

const entry = (name: string) => `
  - name: ${name}
    repository: acme/${name}
    path: deploy
    stage: joined
    services: [{name: web, serviceAccount: web, ports: [8080]}]`;

const pullsOf = (name: string) =>
  readdirSync(join(folder, 'forge/acme', `${name}.pulls`)).filter((file) => /^\d+\.md$/.test(file));

describe('three runs of one command at once', () => {
  it('open --all makes one pull request a target', async () => {
    for (const name of ['app1', 'app2']) seed(name);
    writeFileSync(join(folder, 'fleet.yaml'), fleet(['app1', 'app2'].map(entry).join('')));

    const ends = await atOnce(Array.from({ length: 3 }, () => ['open', '--all']));

    expect(
      ends.map(({ code }) => code),
      ends.map(({ text }) => text).join('\n'),
    ).toEqual([0, 0, 0]);
    for (const name of ['app1', 'app2']) expect(pullsOf(name), name).toEqual(['1.md']);
    expect(ends.flatMap(({ text }) => text.match(/^opened/gm) ?? [])).toHaveLength(2);
  });

  it('new --answers declares all three namespaces, also beside one that is killed', async () => {
    const names = ['one', 'two', 'three', 'four', 'five'];
    writeFileSync(join(folder, 'fleet.yaml'), fleet(' []'));
    for (const name of names) {
      seed(name);
      writeFileSync(
        join(folder, `${name}.answers.yaml`),
        `${entry(name).replace('  - name', '    name').replace(/^ {4}/gm, '')}\nthen: write\n`,
      );
    }
    const args = (name: string) => ['new', '--answers', `${name}.answers.yaml`, '--dir', `checkouts/${name}`];

    const killed = names.slice(3).map((name) => start(args(name)));
    const running = names.slice(0, 3).map((name) => start(args(name)));
    const first = await Promise.race(running.map(({ end }) => end));
    for (const each of killed) each.kill();
    const ends = [first, ...(await Promise.all(running.map(({ end }) => end)))];
    await Promise.all(killed.map(({ end }) => end));

    expect(
      ends.map(({ code }) => code),
      ends.map(({ text }) => text).join('\n'),
    ).toEqual([0, 0, 0, 0]);
    const text = readFileSync(join(folder, 'fleet.yaml'), 'utf8');
    for (const name of names.slice(0, 3))
      expect(text.match(new RegExp(`name: ${name}$`, 'gm')), name).toHaveLength(1);

    const again = await atOnce(names.map(args));

    expect(
      again.map(({ code }) => code),
      again.map(({ text: said }) => said).join('\n'),
    ).toEqual(names.map(() => 0));
    const whole = readFileSync(join(folder, 'fleet.yaml'), 'utf8');
    for (const name of names) expect(whole.match(new RegExp(`name: ${name}$`, 'gm')), name).toHaveLength(1);
  });
});

describe('two runs at once on GitHub', () => {
  it('whose second comes when the first has just opened the pull request, bring that one up to date', async () => {
    const world = new World();
    await world.start();
    try {
      // Twice, so that the branch is in the cache as it is in each of the runs below.
      await world.meshwright(['open', 'bookinfo@lab']);
      await world.meshwright(['open', 'bookinfo@lab']);
      const [made] = world.github.pulls.splice(0);
      if (made === undefined) throw new Error('nothing was opened');
      // The requests of a run that finds the branch without a pull request.
      const before = world.plan.seen.length;
      await world.meshwright(['open', 'bookinfo@lab']);
      const at = world.plan.seen.slice(before).findIndex((name) => /^POST .*\/pulls$/.test(name));
      world.github.pulls.splice(0);
      const act = () => world.github.pulls.push(made);
      world.plan.set(at, { kind: 'before', act });

      const run = await world.meshwright(['open', 'bookinfo@lab', '--json']);

      expect(world.plan.hasHappened).toBe(true);
      expect(JSON.parse(run.stdout)).toMatchObject({ results: [{ outcome: 'unchanged', problems: [] }] });
      expect(run.code).toBe(0);
      expect(world.github.pulls).toEqual([made]);
      expect(world.github.violations).toEqual([]);
    } finally {
      await world.stop();
    }
  });

  it('make one pull request, and the second takes it for its own', async () => {
    const world = new World();
    await world.start();
    try {
      const runs = await Promise.all([
        world.meshwright(['open', 'bookinfo@lab', '--json']),
        world.meshwright(['open', 'bookinfo@lab', '--json'], { MESHWRIGHT_CACHE: join(folder, 'other') }),
      ]);

      expect(
        runs.map(({ code }) => code),
        JSON.stringify(runs),
      ).toEqual([0, 0]);
      expect(world.github.pulls).toHaveLength(1);
      const outcomes = runs.map(
        ({ stdout }) => (JSON.parse(stdout) as { results: { outcome: string }[] }).results[0]?.outcome,
      );
      expect(outcomes.filter((outcome) => outcome === 'opened').length).toBe(1);
      expect(outcomes.every((outcome) => /opened|updated|unchanged/.test(outcome ?? ''))).toBe(true);
    } finally {
      await world.stop();
    }
  });
});
