import { describe, expect, it } from 'vitest';
import type { TargetResult } from '../../src/model/bundle.ts';
import { World } from './world.ts';

const entry = (name: string, calls: string) => `  - name: ${name}
    repository: acme/${name}
    path: deploy
    namespaceManifest: create
    complete: {callers: the team says so, calls: the team says so}
    services:
      - {name: web, serviceAccount: web, ports: [8080]${calls}}
`;

/** b calls a; c has nothing to do with them. */
const fleet = `version: 1
mesh:
  istioVersion: 1.30.3
  revision: stable
  gateway: {serviceAccount: istio-ingressgateway}
forge:
  kind: local
  directory: forge
  labels: [mesh]
environments:
  - {name: lab, domain: lab.acme.example}
waves:
  - {name: pilot, namespaces: [b]}
  - {name: rest, namespaces: [a, c]}
namespaces:
${entry('a', '')}${entry('b', ', calls: ["a/web:8080"]')}${entry('c', '')}`;

const app = {
  'deploy/kustomization.yaml': 'resources:\n- app.yaml\n',
  'deploy/app.yaml': `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 8080}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers: [{name: web, image: web}]
`,
};

function worldOf(text = fleet): World {
  return new World({ 'fleet.yaml': text }, { 'acme/a': app, 'acme/b': app, 'acme/c': app });
}

async function open(world: World, options = {}, ...names: string[]): Promise<readonly string[]> {
  const result = await world.run('wave open', names, options);
  expect(result.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  const { results } = result.json as { results: readonly TargetResult[] };
  return results.map(({ target, outcome, reason }) =>
    [target, outcome, ...(reason === undefined ? [] : [`(${reason})`])].join(' '),
  );
}

/** Merges what is open for a target, waits for three days and says that it works. */
function finish(world: World, target: string): void {
  world.hub.merge(target);
  world.hub.passHours(72);
  world.hub.say(target, '/meshwright verified');
}

describe('wave open', () => {
  it('goes through the plan one namespace at a time, as people merge and verify', async () => {
    const world = worldOf();

    expect(await open(world)).toEqual([
      'b@lab opened',
      'a@lab waiting (until b@lab is joined)',
      'c@lab waiting (until b@lab is joined)',
    ]);
    expect(await open(world)).toContain('b@lab unchanged');
    world.hub.merge('b@lab');
    expect(await open(world)).toContain('b@lab waiting (soaks until 2026-11-27 10:00 UTC)');
    world.hub.passHours(72);
    expect((await open(world)).find((line) => line.startsWith('b@lab'))).toMatch(/waiting \(comment/);
    world.hub.say('b@lab', '/meshwright verified', false);
    expect((await open(world)).find((line) => line.startsWith('b@lab'))).toMatch(/waiting \(comment/);
    world.hub.say('b@lab', '/meshwright verified');
    expect(await open(world)).toContain('b@lab opened');
    expect(world.hub.pull('b@lab').draft.stage).toBe('enforced');

    finish(world, 'b@lab');
    for (const [target, stage] of [
      ['a@lab', 'joined'],
      ['c@lab', 'joined'],
      ['a@lab', 'enforced'],
      ['c@lab', 'enforced'],
    ] as const) {
      expect(await open(world)).toContain(`${target} opened`);
      expect(world.hub.pull(target).draft.stage).toBe(stage);
      finish(world, target);
    }
    expect(await open(world)).toEqual([
      'a@lab unchanged (done)',
      'b@lab unchanged (done)',
      'c@lab unchanged (done)',
    ]);
    expect(world.hub.pulls).toHaveLength(6);
    expect((await world.run('wave status')).text).toContain('6 of 6 moves done');
  });

  it('does not open what would break a call that works today, and says which and why', async () => {
    const plain = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: plain}
spec: {host: web.a.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
`;
    const caller = { ...app, 'deploy/app.yaml': app['deploy/app.yaml'] + plain };
    const world = new World({ 'fleet.yaml': fleet }, { 'acme/a': app, 'acme/b': caller, 'acme/c': app });
    for (const target of ['b@lab', 'b@lab', 'a@lab', 'c@lab']) {
      expect(await open(world)).toContain(`${target} opened`);
      finish(world, target);
    }

    const { code, json, problems } = await world.run('wave open', []);

    const broken = problems.find(({ rule }) => rule === 'call-breaks');
    expect(code).toBe(1);
    expect((json as { results: readonly TargetResult[] }).results).toContainEqual(
      expect.objectContaining({ target: 'a@lab', outcome: 'refused' }),
    );
    expect(broken?.message).toMatch(/^b\/web -> a\/web:8080 does not break today, .*403 RBAC/);
    expect(world.hub.pulls.filter(({ draft }) => draft.stage === 'enforced')).toHaveLength(1);
  });

  it('writes into fleet.yaml how far everyone is, and nothing else', async () => {
    const world = worldOf();

    const { text } = await world.run('wave open');

    expect(text).toContain('fleet.yaml now declares the current stages of 1 target; commit it.');
    expect(world.text('fleet.yaml')).toBe(
      fleet.replace('calls: ["a/web:8080"]}\n', 'calls: ["a/web:8080"]}\n    stage:\n      lab: joined\n'),
    );
    const before = world.text('fleet.yaml');
    await world.run('wave open');
    expect(world.text('fleet.yaml')).toBe(before);
  });

  it('makes each bundle for what the others are now, not for what the fleet desiredStates', async () => {
    const world = worldOf(fleet.replace('environments:', 'defaults: {stage: enforced}\nenvironments:'));

    await open(world);

    expect(world.hub.pull('b@lab').draft.stage).toBe('joined');
    expect(world.text('fleet.yaml')).toContain('defaults: {stage: enforced}');
    expect(world.text('fleet.yaml')).not.toContain('joined');
  });

  it('has as many of a wave under way as it is told', async () => {
    const world = worldOf();
    for (let stage = 0; stage < 2; stage++) {
      await open(world);
      finish(world, 'b@lab');
    }

    expect(await open(world, { parallel: '2' })).toEqual([
      'a@lab opened',
      'c@lab opened',
      'b@lab unchanged (done)',
    ]);
  });

  it('does not open again what was closed or rolled back, until a person names it', async () => {
    const world = worldOf();
    await open(world);
    await world.run('wave close', ['b@lab'], { reason: 'not today' });
    expect(await open(world)).toContain(
      'b@lab waiting (someone closed it without merging it; reopen it, or delete its branch)',
    );
    expect(world.hub.pulls).toHaveLength(1);

    const other = worldOf();
    await open(other);
    finish(other, 'b@lab');
    expect((await other.run('rollback', ['b@lab'], { level: '2' })).code).toBe(0);
    other.hub.merge('b@lab');
    other.hub.passHours(1);
    expect(await open(other)).toContain(
      'b@lab waiting (it was rolled back; to try again, name it: meshwright wave open b@lab)',
    );
    expect(await open(other, {}, 'b@lab')).toEqual(['b@lab opened']);
    expect(other.hub.pull('b@lab').draft.stage).toBe('joined');
  });

  it('opens nothing behind a target that it can’t look at', async () => {
    const world = worldOf();
    Reflect.deleteProperty(world.hub.repositories, 'acme/b');

    const { code, json } = await world.run('wave open');

    expect(code).toBe(3);
    expect(world.hub.pulls).toEqual([]);
    expect((json as { results: TargetResult[] }).results).toMatchObject([
      { target: 'a@lab', outcome: 'waiting', reason: 'until b@lab has been read' },
      { target: 'b@lab', outcome: 'failed' },
      { target: 'c@lab', outcome: 'waiting' },
    ]);
  });

  it('holds a namespace that someone opened out of turn to its own gates, and everyone else to theirs', async () => {
    const world = worldOf();
    await open(world);
    world.hub.merge('b@lab');
    world.disk.set('/home/me/fleet.yaml', fleet.replace('name: a\n', 'name: a\n    stage: joined\n'));

    expect((await world.run('open', ['a@lab'])).code).toBe(0);
    expect(await open(world)).toContain('b@lab waiting (soaks until 2026-11-27 10:00 UTC)');
    finish(world, 'a@lab');

    expect(await open(world)).toEqual([
      'a@lab waiting (until b@lab is verified)',
      'b@lab waiting (comment /meshwright verified, or set the status meshwright/verify)',
      'c@lab waiting (until b@lab is verified)',
    ]);
  });

  const forged = (lines: string) =>
    `# x\napiVersion: meshwright.dev/v1\nkind: Lock\nmetadata:\n  name: "b@lab"\ndirectories:\n${lines}`;
  const entry = (path: string, stage: string) =>
    `  - path: ${path}\n    stage: ${stage}\n    templates: {source: built-in, version: "1.1.0"}\n    digest: 0123456789abcdef0123456789abcdef\n    inputs: {}\n`;

  it.each([
    ['three lines', '#\napiVersion: meshwright.dev/v1\n    stage: enforced\n', 'lock-damaged'],
    [
      'a lock of another target',
      forged(entry('deploy', 'enforced')).replace('b@lab', 'c@lab'),
      'lock-damaged',
    ],
    ['a lock in conflict', forged(`<<<<<<< ours\n${entry('deploy', 'enforced')}=======\n`), 'lock-damaged'],
    ['a lock without directories', forged(''), 'lock-incomplete'],
    ['a lock of another directory', forged(entry('elsewhere', 'enforced')), 'lock-incomplete'],
    ['a stage that is none', forged(entry('deploy', 'done')), 'lock-damaged'],
  ])('holds behind %s, and writes nothing of it into fleet.yaml', async (_, text, rule) => {
    const world = worldOf();
    world.hub.repositories['acme/b'] = { ...app, '.meshwright/b@lab.lock.yaml': text };

    const { problems } = await world.run('wave status', [], { updateFleet: true });

    expect(problems.map((each) => each.rule)).toEqual([rule]);
    expect(world.text('fleet.yaml')).toBe(fleet);
    await world.run('wave open');
    expect(world.hub.pulls).toEqual([]);
  });

  it('holds behind a whole lock that no merged pull request proves, until the operator states it', async () => {
    const world = worldOf();
    const text = forged(entry('deploy', 'enforced'));
    world.hub.repositories['acme/b'] = { ...app, '.meshwright/b@lab.lock.yaml': text };

    const [, b] = await open(world);
    expect(b).toMatch(
      /^b@lab waiting \(its lock says joined, but no merged pull request proves it; .*\{target: b@lab, stage: enforced, since: 2026-11-24, reason: how you know\}\)$/,
    );
    await world.run('wave status', [], { updateFleet: true });
    expect(world.text('fleet.yaml')).toBe(fleet);

    const line = '{target: b@lab, stage: enforced, since: 2026-11-01, reason: istioctl x describe}';
    world.disk.set('/home/me/fleet.yaml', `${fleet}gates:\n  verified:\n    - ${line}\n`);
    expect(await open(world)).toContain('a@lab opened');
    expect(world.text('fleet.yaml')).toMatch(/name: b\n(?: {4}.*\n)* {6}lab: enforced/);
  });

  it('goes on past a namespace of long ago that has no lock, when the operator states it', async () => {
    const line = '{target: b@lab, stage: enforced, since: 2024-05-01, reason: in the mesh for years}';
    const world = worldOf(`${fleet}gates:\n  verified:\n    - ${line}\n`);

    expect(await open(world)).toContain('a@lab opened');
  });

  it('prints what it would open, with --dry-run', async () => {
    const world = worldOf();

    const { code, text } = await world.run('wave open', [], { dryRun: true });

    expect(code).toBe(1);
    expect(text).toContain('Join b to the mesh (lab)');
    expect(text).toContain('a@lab, c@lab  until b@lab is joined');
    expect(world.hub.pulls).toEqual([]);
    expect(world.text('fleet.yaml')).toBe(fleet);
  });

  it('ends after the step under way when it is interrupted', async () => {
    const world = worldOf();
    world.isInterrupted = true;

    const { code, text, json } = await world.run('wave open');

    expect(code).toBe(130);
    expect(text).toContain('run the same command again to continue.');
    expect(json).toMatchObject({ summary: { waiting: 3 } });
    expect(world.text('fleet.yaml')).toBe(fleet);
  });

  it.each([
    [{ parallel: '0' }, 'is not a valid number of namespaces'],
    [{ parallel: 'many' }, 'is not a valid number of namespaces'],
    [{ wave: 'pilt' }, 'The plan has no wave "pilt"'],
    [{ environment: 'prod' }, 'no environment "prod"'],
    [{ maxSize: '0' }, 'is not a valid wave size'],
  ])('refuses %o', async (options, message) => {
    const { code, problems } = await worldOf().run('wave open', [], options);

    expect(code).toBe(2);
    expect(problems[0]?.message).toContain(message);
  });
});

describe('wave close', () => {
  it('closes what is open, says why in a comment, and leaves the rest', async () => {
    const world = worldOf();
    await open(world);

    const { code, text } = await world.run('wave close', [], { all: true, reason: 'freeze until Monday' });

    expect(code).toBe(0);
    expect(text).toBe('closed    b@lab  https://forge.example/acme/b/1\n');
    expect(world.hub.pull('b@lab')).toMatchObject({
      state: 'closed',
      remarks: [{ text: expect.stringContaining('freeze until Monday') as string }],
    });
    expect((await world.run('wave close', [], { all: true, reason: 'again' })).text).toBe(
      'None of them has an open pull request.\n',
    );
  });

  it.each([
    [['b@lab'], {}, 'No reason was given for the comment on the closed pull requests.'],
    [['b@lab'], { reason: 'two\nlines' }, 'No reason was given for the comment on the closed pull requests.'],
    [[], { reason: 'x' }, 'No target was named.'],
  ])('refuses %o %o', async (names, options, message) => {
    const { code, problems } = await worldOf().run('wave close', names, options);

    expect(code).toBe(2);
    expect(problems[0]?.message).toBe(message);
  });
});

describe('wave status', () => {
  it('looks again until someone ends it', async () => {
    const world = worldOf();

    const { code } = await world.run('wave status', [], { watch: true });

    expect(code).toBe(0);
    expect(world.shown).toEqual([expect.stringContaining('0 of 6 moves done')]);
  });

  it('brings fleet.yaml up to the forge when it is told to', async () => {
    const world = worldOf();
    await open(world);
    finish(world, 'b@lab');
    world.disk.set('/home/me/fleet.yaml', fleet);

    await world.run('wave status');
    expect(world.text('fleet.yaml')).toBe(fleet);
    const { json } = await world.run('wave status', [], { updateFleet: true });

    expect(json).toMatchObject({ fleet: ['b@lab'] });
    expect(world.text('fleet.yaml')).toContain('lab: joined');
  });
});
