import { describe, expect, it } from 'vitest';
import { scripted } from './scripted-terminal.ts';
import { bare, checkout, shop, World } from './world.ts';

const answers = `name: shop
repository: acme/shop
path: deploy/{environment}
stage: {lab: joined}
services:
  - {name: cart, serviceAccount: cart, ports: [7070]}
`;

describe('new with answers from a file', () => {
  it('to write, changes the checkout and adds the namespace to the fleet file, comments kept', async () => {
    const world = new World({ 'fleet.yaml': bare, 'a.yaml': `${answers}then: write\n`, ...checkout() });

    const result = await world.run('new', [], { answers: 'a.yaml', dir: 'checkout' });

    expect(result.code).toBe(0);
    expect(world.text('fleet.yaml')).toContain('revision: stable # a tag');
    expect(world.text('fleet.yaml')).toContain('# None yet.');
    expect(world.text('fleet.yaml')).toContain('- name: shop');
    expect(world.text('checkout/deploy/lab/kustomization.yaml')).toContain('- istio-sidecar.yaml');
  });

  it('to write, twice, is the same as once', async () => {
    const world = new World({ 'fleet.yaml': bare, 'a.yaml': `${answers}then: write\n`, ...checkout() });

    await world.run('new', [], { answers: 'a.yaml', dir: 'checkout' });
    const once = new Map(world.disk);
    const again = await world.run('new', [], { answers: 'a.yaml', dir: 'checkout' });

    expect(again.code).toBe(0);
    expect(world.disk).toEqual(once);
  });

  it('to print, shows the bundle and changes nothing', async () => {
    const world = new World({ 'fleet.yaml': bare, 'a.yaml': `${answers}then: print\n`, ...checkout() });
    const before = new Map(world.disk);

    const result = await world.run('new', [], { answers: 'a.yaml', dir: 'checkout' });

    expect(result.code).toBe(0);
    expect(result.text).toContain('+++ b/deploy/lab/istio-sidecar.yaml');
    expect(world.disk).toEqual(before);
  });

  it('to open, adds the namespace to the fleet file and opens its pull request', async () => {
    const world = new World(
      { 'fleet.yaml': bare, 'a.yaml': `${answers}then: open\n`, ...checkout() },
      { 'acme/shop': shop },
    );

    const result = await world.run('new', [], { answers: 'a.yaml', dir: 'checkout' });

    expect(result.code).toBe(0);
    expect(world.drafts.map(({ target }) => target)).toEqual(['shop@lab']);
    expect(world.text('fleet.yaml')).toContain('- name: shop');
    expect(world.text('checkout/deploy/lab/kustomization.yaml')).toBe(shop['deploy/lab/kustomization.yaml']);
  });

  it.each([
    ['a misspelt key', answers.replace('services:', 'servics:'), 'a.yaml', 5],
    ['an unknown next step', `${answers}then: wirte\n`, 'a.yaml', 7],
    ['a bad name', answers.replace('name: shop', 'name: Shop'), 'a.yaml', 1],
    ['the namespace of the gateway', answers.replace('name: shop', 'name: istio-system'), 'a.yaml', 1],
    ['a namespace of Kubernetes', answers.replace('name: shop', 'name: kube-system'), 'a.yaml', 1],
    ['broken YAML', answers.replace('{lab: joined}', '{lab: joined'), 'a.yaml', 5],
  ])(
    'that hold %s answers 2 with the place in that file, and writes nothing',
    async (_, text, file, line) => {
      const world = new World({ 'fleet.yaml': bare, 'a.yaml': text, ...checkout() });
      const before = new Map(world.disk);

      const result = await world.run('new', [], { answers: 'a.yaml', dir: 'checkout' });

      expect(result.code).toBe(2);
      expect(result.problems[0]).toMatchObject({ file, line });
      expect(world.disk).toEqual(before);
    },
  );

  it('that cannot be carried out safely answers 1 and writes nothing, the fleet file included', async () => {
    const wrong = answers.replace('serviceAccount: cart', 'serviceAccount: basket');
    const world = new World({ 'fleet.yaml': bare, 'a.yaml': `${wrong}then: write\n`, ...checkout() });
    const before = new Map(world.disk);

    const result = await world.run('new', [], { answers: 'a.yaml', dir: 'checkout' });

    expect(result.code).toBe(1);
    expect(world.disk).toEqual(before);
  });
});

it('new takes no namespace of the mesh from the command line', async () => {
  const world = new World({ 'fleet.yaml': bare, 'a.yaml': `${answers}then: write\n`, ...checkout() });
  const before = new Map(world.disk);

  const result = await world.run('new', ['flux-system'], { answers: 'a.yaml', dir: 'checkout' });

  expect([result.code, result.problems[0]?.message]).toEqual([
    2,
    'Namespace "flux-system" holds Flux, which applies every change. It is not an application.',
  ]);
  expect(world.disk).toEqual(before);
});

describe('new without a terminal', () => {
  it('answers 2 and names the flag that takes the answers', async () => {
    const world = new World({ 'fleet.yaml': bare, ...checkout() });

    const result = await world.run('new', [], { dir: 'checkout' });

    expect(result.code).toBe(2);
    expect(result.problems[0]?.fix).toContain('--answers FILE');
  });
});

describe('new at a terminal', () => {
  const questions = [
    ['Which directory', 'deploy/{environment}'],
    ['Namespace', undefined],
    ['Repository', 'acme/shop'],
    ['Which stage', 'joined'],
    ['Services to declare', undefined],
    ['Hosts outside', undefined],
  ] as const;

  it('shows the bundle, and writes it when the person says so', async () => {
    const world = new World({ 'fleet.yaml': bare, ...checkout() });
    const terminal = scripted([...questions, ['This is the bundle', 'write']]);
    world.terminal = terminal;

    const result = await world.run('new', [], { dir: 'checkout' });

    expect(result.code).toBe(0);
    expect(terminal.shown.join('')).toContain('+++ b/deploy/lab/istio-sidecar.yaml');
    expect(terminal.unasked()).toEqual([]);
    expect(world.text('fleet.yaml')).toContain('host: api.mail.example');
    expect(world.text('checkout/deploy/lab/istio-sidecar.yaml')).toBeDefined();
  });

  it.each(['print', 'cancel'])('writes nothing when the person chooses to %s', async (choice) => {
    const world = new World({ 'fleet.yaml': bare, ...checkout() });
    const before = new Map(world.disk);
    world.terminal = scripted([...questions, ['This is the bundle', choice]]);

    const result = await world.run('new', [], { dir: 'checkout' });

    expect([result.code, world.drafts.length]).toEqual([0, 0]);
    expect(world.disk).toEqual(before);
  });

  it('takes no namespace of the mesh for an answer', async () => {
    const world = new World({ 'fleet.yaml': bare, ...checkout() });
    const terminal = scripted([
      questions[0],
      ['Namespace', ['istio-system', 'kube-node-lease', 'cert-manager', 'shop']],
      ...questions.slice(2),
      ['This is the bundle', 'cancel'],
    ]);
    world.terminal = terminal;

    const result = await world.run('new', [], { dir: 'checkout' });

    expect([result.code, terminal.unasked()]).toEqual([0, []]);
    expect(terminal.refusals).toHaveLength(3);
    expect(terminal.refusals.join()).toContain('not an application: it holds the control plane');
  });

  it('asks nothing that the command line said', async () => {
    const world = new World({ 'fleet.yaml': bare, ...checkout() });
    const terminal = scripted([
      ['Which stage', 'joined'],
      ['Services to declare', undefined],
      ['Hosts outside', undefined],
      ['This is the bundle', 'cancel'],
    ]);
    world.terminal = terminal;

    const result = await world.run('new', ['shop'], {
      dir: 'checkout',
      repository: 'acme/shop',
      path: 'deploy/{environment}',
    });

    expect([result.code, terminal.unasked()]).toEqual([0, []]);
  });
});
