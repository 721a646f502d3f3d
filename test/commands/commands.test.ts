import { describe, expect, it } from 'vitest';
import { scripted } from './scripted-terminal.ts';
import { commands } from '../../src/commands/index.ts';
import { readYaml } from '../../src/yaml/read.ts';
import { checkout, fleet, shop, World } from './world.ts';

const rules = (problems: readonly { readonly rule: string }[]) => problems.map(({ rule }) => rule);

describe('every command', () => {
  it.each(commands.map((command) => [command.id, command] as const))(
    '%s has a summary, and examples that call it with flags it has',
    (id, { summary, examples, options }) => {
      const known = [...options.map(({ flags }) => flags.split(' ')[0]), '--fleet', '--json'];

      expect(summary.length).toBeGreaterThan(10);
      expect(examples.length).toBeGreaterThan(0);
      for (const line of examples) {
        expect(line).toMatch(new RegExp(`^meshwright ${id}\\b`));
        for (const [flag] of line.matchAll(/--[a-z-]+/g)) expect(known).toContain(flag);
      }
    },
  );

  it.each(['render', 'apply', 'diff', 'open', 'new'])(
    '%s answers 2 and touches nothing when there is no fleet file',
    async (id) => {
      const world = new World(checkout());

      const result = await world.run(id, ['shop@lab'], { out: 'out', dir: 'checkout' });

      expect([result.code, rules(result.problems)]).toEqual([2, ['fleet-not-found']]);
      expect(world.disk.size).toBe(Object.keys(shop).length);
    },
  );

  it.each(['render', 'apply', 'diff', 'open'])(
    '%s answers 2 with every error of a broken fleet file, and touches nothing',
    async (id) => {
      const broken = fleet.replace('revision:', 'revison:').replace('7070', 'seven');
      const world = new World({ 'fleet.yaml': broken, ...checkout() }, { 'acme/shop': shop });

      const result = await world.run(id, ['shop@lab'], { out: 'out', dir: 'checkout' });

      expect(result.code).toBe(2);
      expect(result.problems.map(({ line }) => line)).toEqual([2, 4, 22]);
      expect(world.disk.size).toBe(1 + Object.keys(shop).length);
      expect(world.drafts).toEqual([]);
    },
  );

  it.each(['render', 'apply', 'diff', 'open'])('%s answers 2 when no target is named', async (id) => {
    const world = new World({ 'fleet.yaml': fleet, ...checkout() });

    const result = await world.run(id, [], { out: 'out', dir: 'checkout' });

    expect([result.code, rules(result.problems)]).toEqual([2, ['target-none']]);
  });

  it.each(['render', 'apply', 'diff', 'open'])(
    '%s answers 2 to a misspelt target and names the nearest',
    async (id) => {
      const world = new World({ 'fleet.yaml': fleet, ...checkout() });

      const result = await world.run(id, ['shop@lba'], { out: 'out', dir: 'checkout' });

      expect(result.code).toBe(2);
      expect(result.problems[0]?.fix).toBe('Did you mean shop@lab?');
    },
  );
});

describe('apply', () => {
  it('with --dry-run answers 1 with the diff and writes nothing', async () => {
    const world = new World({ 'fleet.yaml': fleet, ...checkout() });

    const result = await world.run('apply', ['shop@lab'], { dir: 'checkout', dryRun: true });

    expect(result.code).toBe(1);
    expect(result.text).toContain('+++ b/deploy/lab/istio-sidecar.yaml');
    expect(world.disk.size).toBe(1 + Object.keys(shop).length);
  });

  it('writes once; the second time there is nothing to do, and --dry-run answers 0', async () => {
    const world = new World({ 'fleet.yaml': fleet, ...checkout() });

    const first = await world.run('apply', ['shop@lab'], { dir: 'checkout' });
    const after = new Map(world.disk);
    const second = await world.run('apply', ['shop@lab'], { dir: 'checkout' });
    const third = await world.run('apply', ['shop@lab'], { dir: 'checkout', dryRun: true });

    expect([first.code, second.code, third.code]).toEqual([0, 0, 0]);
    expect(world.text('checkout/deploy/lab/kustomization.yaml')).toContain('- istio-sidecar.yaml');
    expect(world.disk).toEqual(after);
    expect(third.text).toBe('shop@lab: nothing to change\n');
  });

  it('answers 1 and writes nothing when a target cannot be changed safely', async () => {
    const wrongAccount = fleet.replace('serviceAccount: cart', 'serviceAccount: basket');
    const world = new World({ 'fleet.yaml': wrongAccount, ...checkout() });

    const result = await world.run('apply', ['shop@lab'], { dir: 'checkout' });

    expect([result.code, rules(result.problems)]).toEqual([1, ['bundle-service-account-differs']]);
    expect(world.disk.size).toBe(1 + Object.keys(shop).length);
  });

  it('answers 3 when the disk refuses', async () => {
    const world = new World({ 'fleet.yaml': fleet, ...checkout() });
    world.diskProblem = { rule: 'files-write', severity: 'error', message: 'The disk is full.' };

    const result = await world.run('apply', ['shop@lab'], { dir: 'checkout' });

    expect(result.code).toBe(3);
  });

  it('does nothing to a target that is at stage outside, and says so', async () => {
    const world = new World({ 'fleet.yaml': fleet, ...checkout() });

    const result = await world.run('apply', ['shop@dev'], { dir: 'checkout' });

    expect([result.code, rules(result.problems)]).toEqual([0, ['stage-outside']]);
  });
});

describe('render', () => {
  it.each([
    ['neither a folder nor --stdout', {}],
    ['both', { out: 'out', stdout: true }],
  ])('answers 2 when given %s', async (_, options) => {
    const world = new World({ 'fleet.yaml': fleet });

    const result = await world.run('render', ['shop@lab'], options);

    expect([result.code, result.problems[0]?.fix]).toEqual([2, 'Use either --out DIR or --stdout.']);
  });

  it('writes each target into a folder of its own', async () => {
    const world = new World({ 'fleet.yaml': fleet });

    const result = await world.run('render', ['shop@lab'], { out: 'out' });

    expect(result.code).toBe(0);
    expect(world.text('out/shop@lab/deploy/lab/istio-sidecar.yaml')).toContain('kind: Sidecar');
  });

  it('overwrites a file that differs only with --force', async () => {
    const world = new World({ 'fleet.yaml': fleet });
    const file = 'out/shop@lab/deploy/lab/istio-sidecar.yaml';
    await world.run('render', ['shop@lab'], { out: 'out' });
    const rendered = world.text(file);
    world.disk.set(`/home/me/${file}`, 'mine\n');

    const refused = await world.run('render', ['shop@lab'], { out: 'out' });
    const kept = world.text(file);
    const forced = await world.run('render', ['shop@lab'], { out: 'out', force: true });

    expect([refused.code, kept, rules(refused.problems)]).toEqual([
      1,
      'mine\n',
      expect.arrayContaining(['render-differs']),
    ]);
    expect([forced.code, world.text(file)]).toEqual([0, rendered]);
  });

  it('with --stdout prints one stream of objects that every YAML reader takes', async () => {
    const world = new World({ 'fleet.yaml': fleet });

    const { text, code } = await world.run('render', ['shop@lab'], { stdout: true });

    const stream = readYaml(text, 'standard output');
    const kinds = stream.ok
      ? stream.value.documents.map(({ value }) => (value as { kind?: string } | null)?.kind)
      : [];
    expect(code).toBe(0);
    expect(kinds).toEqual(expect.arrayContaining(['Sidecar', 'AuthorizationPolicy']));
    expect(kinds).not.toContain(undefined);
    expect(kinds).not.toContain('Kustomization');
  });
});

describe('diff', () => {
  it('answers 1 with what would change on the forge, and writes nothing', async () => {
    const world = new World({ 'fleet.yaml': fleet }, { 'acme/shop': shop });

    const result = await world.run('diff', ['shop@lab']);

    expect(result.code).toBe(1);
    expect(result.text).toContain('# acme/shop\ndiff --git a/deploy/lab/');
    expect([world.disk.size, world.drafts.length]).toEqual([1, 0]);
  });
});

describe('open', () => {
  it('tells each result as it comes, and answers 0', async () => {
    const world = new World({ 'fleet.yaml': fleet }, { 'acme/shop': shop });

    const result = await world.run('open', ['shop@lab']);

    expect(result.code).toBe(0);
    expect(world.shown).toEqual([expect.stringMatching(/^opened +shop@lab +https:\/\/forge\.example/)]);
    expect(world.drafts.map(({ branch }) => branch)).toEqual(['meshwright/shop@lab.joined']);
  });

  it('answers 3 when the forge fails for one target, and does the others', async () => {
    const two = `${fleet}  - name: lost
    repository: acme/lost
    path: deploy
    environments: [lab]
    stage: joined
`;
    const world = new World({ 'fleet.yaml': two }, { 'acme/shop': shop });

    const result = await world.run('open', [], { environment: 'lab' });

    expect(result.code).toBe(3);
    expect(result.json).toMatchObject({
      results: [
        { target: 'shop@lab', outcome: 'opened', conflicts: [] },
        { target: 'lost@lab', outcome: 'failed', reason: 'There is no acme/lost.' },
      ],
      summary: { targets: 2, opened: 1, failed: 1 },
    });
  });

  it('answers 1 and opens nothing when a target cannot be changed safely', async () => {
    const wrongAccount = fleet.replace('serviceAccount: cart', 'serviceAccount: basket');
    const world = new World({ 'fleet.yaml': wrongAccount }, { 'acme/shop': shop });

    const result = await world.run('open', ['shop@lab']);

    expect(result.code).toBe(1);
    expect(result.json).toMatchObject({ results: [{ outcome: 'refused' }] });
    expect(world.drafts).toEqual([]);
  });

  it('with --dry-run prints the pull request with its diff, answers 1 and opens nothing', async () => {
    const world = new World({ 'fleet.yaml': fleet }, { 'acme/shop': shop });

    const result = await world.run('open', ['shop@lab'], { dryRun: true });

    expect(result.code).toBe(1);
    expect(result.text).toContain('# Join shop to the mesh (lab)\n');
    expect(result.text).toContain('## How to roll back');
    expect(result.json).toMatchObject({
      results: [{ target: 'shop@lab' }],
      pullRequests: [{ repository: 'acme/shop', branch: 'meshwright/shop@lab.joined' }],
    });
    expect(result.text).toContain('+++ b/deploy/lab/istio-sidecar.yaml');
    expect(world.drafts).toEqual([]);
  });
});

describe('init', () => {
  it('writes a fleet file that loads, without a question where nobody can answer', async () => {
    const world = new World({});

    const result = await world.run('init');
    const next = await world.run('new', [], { answers: 'none' });

    expect(result.code).toBe(0);
    expect(world.text('fleet.yaml')).toContain('# ');
    expect(rules(next.problems)).not.toContain('fleet-not-found');
  });

  it('never overwrites a fleet file without --force', async () => {
    const world = new World({ 'fleet.yaml': fleet });

    const refused = await world.run('init');
    const kept = world.text('fleet.yaml');
    const forced = await world.run('init', [], { force: true });

    expect([refused.code, kept]).toEqual([2, fleet]);
    expect([forced.code, world.text('fleet.yaml') === fleet]).toEqual([0, false]);
  });

  it('takes namespaces, services, accounts and hosts from the manifests of a checkout', async () => {
    const world = new World(checkout());

    const result = await world.run('init', [], { scan: ['checkout'], environments: 'lab,dev' });

    expect(result.json).toMatchObject({ namespaces: ['shop'] });
    expect(world.text('fleet.yaml')).toMatch(/path: "?deploy\/\{environment\}"?/);
    expect(world.text('fleet.yaml')).toMatch(/- name: cart\n +serviceAccount: cart\n/);
  });

  it('lets a person at a terminal choose among what a scan found', async () => {
    const world = new World({
      ...checkout(),
      'checkout/pay/kustomization.yaml': 'namespace: pay\nresources: [app.yaml]\n',
      'checkout/pay/app.yaml':
        'apiVersion: v1\nkind: Service\nmetadata: {name: ledger}\nspec: {selector: {app: ledger}, ports: [{port: 80}]}\n',
    });
    world.terminal = scripted([
      ['Exact version', undefined],
      ['Revision tag', undefined],
      ['Service account', undefined],
      ['Environments', 'lab,dev'],
      ['Namespaces for the fleet file', ['pay']],
    ]);

    const result = await world.run('init', [], { scan: ['checkout'] });

    expect(result.json).toMatchObject({ namespaces: ['pay'] });
    expect(world.text('fleet.yaml')).toMatch(/- name: lab\n.*\n +- name: dev\n/);
    expect(world.text('fleet.yaml')).not.toContain('name: shop');
  });

  it('says that directories were read without Flux, and makes up no cluster and no environment in silence', async () => {
    const world = new World({
      ...checkout(),
      'checkout/flux/apps.yaml':
        'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec: {path: "./deploy/__ENV__/${SIZE}"}\n',
    });

    const result = await world.run('init', [], { scan: ['checkout'] });

    expect(world.text('fleet.yaml')).not.toContain('lab-1');
    expect(result.problems).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          rule: 'scan-flux-not-followed',
          file: 'flux/apps.yaml',
          message: expect.stringContaining('flux/apps.yaml (./deploy/__ENV__/${SIZE})') as string,
        }),
        expect.objectContaining({ rule: 'scan-environment-assumed' }),
      ]),
    );
  });

  it('takes environments from the names of overlays, and a Namespace from the file that holds it', async () => {
    const app =
      'apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n';
    const world = new World({
      'checkout/core/namespaces.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
      'checkout/base/kustomization.yaml': 'resources: [app.yaml]\n',
      'checkout/base/app.yaml': app,
      'checkout/overlays/prod/kustomization.yaml': 'resources: [../../base]\n',
      'checkout/overlays/staging/kustomization.yaml': 'resources: [../../base]\n',
    });

    const result = await world.run('init', [], { scan: ['checkout'] });

    const text = world.text('fleet.yaml') ?? '';
    expect(text).toMatch(/- name: prod\n.*\n +- name: staging\n/);
    expect(text).toContain('path: "overlays/{environment}"');
    expect(text).toMatch(/namespaceManifest:\n +repository: .*\n +path: core\/namespaces.yaml\n/);
    expect(result.problems.map(({ message }) => message).join('\n')).toContain(
      'prod, staging: these are names of folders',
    );
  });

  it('leaves out the namespaces of the mesh, of Flux and of Kubernetes, and says so in one line', async () => {
    const others = ['istio-system', 'kube-system', 'flux-system', 'cert-manager'].flatMap(
      (name): [string, string][] => [
        [`checkout/${name}/kustomization.yaml`, `namespace: ${name}\nresources: [service.yaml]\n`],
        [
          `checkout/${name}/service.yaml`,
          `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n`,
        ],
      ],
    );
    const world = new World({ ...checkout(), ...Object.fromEntries(others) });

    const result = await world.run('init', [], { scan: ['checkout'], environments: 'lab,dev' });

    expect(result.json).toMatchObject({ namespaces: ['shop'] });
    expect(result.problems.map(({ message }) => message)).toContain(
      'Skipped, because they belong to the mesh, Flux or Kubernetes, not to an application: cert-manager, flux-system, istio-system, kube-system.',
    );
    expect(world.text('fleet.yaml')).not.toContain('name: kube-system');
  });

  it.each(['apply', 'open', 'diff'])(
    '%s answers 2 for a namespace of the mesh before it reads anything else',
    async (id) => {
      const world = new World({
        'fleet.yaml': fleet.replaceAll('name: shop', 'name: istio-system'),
        ...checkout(),
      });
      const before = new Map(world.disk);

      const result = await world.run(id, ['istio-system'], { dir: 'checkout' });

      expect([result.code, rules(result.problems)]).toEqual([2, ['fleet-reserved-namespace']]);
      expect(result.problems[0]?.line).toBeGreaterThan(1);
      expect(world.disk).toEqual(before);
    },
  );
});
