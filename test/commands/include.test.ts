import { describe, expect, it } from 'vitest';
import { World } from './world.ts';

const head = `version: 1
mesh: {istioVersion: 1.30.3, revision: stable, gateway: {serviceAccount: istio-ingressgateway}}
forge: {kind: local, directory: forge}
environments: [{name: lab}]
`;
const namespace = (name: string, more = '') =>
  `  - name: ${name}\n    repository: acme/${name}\n    path: deploy # of ${name}\n    stage: joined\n    services:\n      - {name: web, serviceAccount: web, ports: [8080]${more}}\n`;
const main = `${head}include: [teams/*.yaml]\nnamespaces:\n${namespace('shop')}`;
const teams = {
  'teams/b.yaml': `namespaces:\n${namespace('search')}`,
  'teams/a.yaml': `# Ours.\nnamespaces:\n${namespace('cart', ', calls: [search/web]')}`,
};

/** Renders everything, and tells what was wrong: rule and place. */
async function renderedOf(disk: Readonly<Record<string, string>>) {
  const world = new World(disk);
  const result = await world.run('render', [], { all: true, out: 'out' });
  const problems = result.problems
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, file, line, column }) => [rule, file?.replace('/home/me/', ''), line, column]);
  const targets = new Set(
    [...world.disk.keys()].flatMap((path) => /out\/([^/]+)\//.exec(path)?.slice(1) ?? []),
  );
  return {
    code: result.code,
    problems,
    targets: [...targets],
    messages: result.problems.map(({ message }) => message),
  };
}

describe('a fleet of several files', () => {
  it('has the namespaces of all of them, the fleet file first, then by the names of the files', async () => {
    const { code, targets } = await renderedOf({ 'fleet.yaml': main, ...teams });

    expect([code, targets]).toEqual([0, ['shop@lab', 'cart@lab', 'search@lab']]);
  });

  it('needs no namespaces in the fleet file', async () => {
    const { targets } = await renderedOf({
      'fleet.yaml': `${head}include: ["**/a.yaml", teams/?.yaml]\n`,
      ...teams,
    });

    expect(targets).toEqual(['cart@lab', 'search@lab']);
  });

  it('tells what is wrong in each file, at its place there', async () => {
    const { code, problems, messages } = await renderedOf({
      'fleet.yaml': main.replace('version: 1', 'version: 2'),
      'teams/a.yaml': teams['teams/a.yaml'].replace('joined', 'joinde'),
      'teams/b.yaml': teams['teams/b.yaml'].replace('ports:', 'prots:'),
    });

    expect(code).toBe(2);
    expect(problems).toEqual([
      ['fleet-bad-value', 'fleet.yaml', 1, 10],
      ['fleet-bad-value', 'teams/a.yaml', 6, 12],
      ['fleet-unknown-key', 'teams/b.yaml', 7, 42],
      // Without its ports nobody can call it.
      ['fleet-unknown-port', 'teams/a.yaml', 8, 65],
    ]);
    expect(messages.join()).toContain('namespaces[0].services[0]');
  });

  it.each([
    [
      'a namespace of another file again',
      `${teams['teams/b.yaml']}${namespace('cart')}`,
      ['fleet-duplicate-name', 'teams/b.yaml', 8, 11],
    ],
    ['another key', `waves: []\n${teams['teams/b.yaml']}`, ['fleet-unknown-key', 'teams/b.yaml', 1, 1]],
    ['an include', `include: [x]\n${teams['teams/b.yaml']}`, ['fleet-unknown-key', 'teams/b.yaml', 1, 1]],
    ['nothing', '', ['fleet-empty', 'teams/b.yaml', 1, 1]],
    ['no map', '- a\n', ['fleet-wrong-type', 'teams/b.yaml', 1, 1]],
    ['no YAML', 'a: [\n', ['yaml-syntax', 'teams/b.yaml', 2, 1]],
    ['two documents', `a: 1\n---\nb: 2\n`, ['fleet-several-documents', 'teams/b.yaml', 3, 1]],
  ])('is refused when an included file holds %s', async (_, text, problem) => {
    const { code, problems, targets } = await renderedOf({
      'fleet.yaml': main,
      ...teams,
      'teams/b.yaml': text,
    });

    expect([code, problems, targets]).toEqual([2, expect.arrayContaining([problem]), []]);
  });

  it('names both places of a namespace that two files declare', async () => {
    const { messages } = await renderedOf({
      'fleet.yaml': main,
      ...teams,
      'teams/c.yaml': teams['teams/b.yaml'],
    });

    expect(messages.join()).toContain('"search" is declared twice, first on line 2 of /home/me/teams/b.yaml');
  });

  it.each([
    'teams/none-*.yaml',
    '../*.yaml',
    '/etc/*.yaml',
    'a/../../*.yaml',
    './teams/a.yaml',
    'teams\\a.yaml',
    '[a-z].yaml',
  ])('is refused when it includes "%s"', async (pattern) => {
    const { code, problems, targets } = await renderedOf({
      'fleet.yaml': main.replace('teams/*.yaml', JSON.stringify(pattern)),
      '../other.yaml': teams['teams/b.yaml'],
      ...teams,
    });

    expect([code, targets]).toEqual([2, []]);
    expect(problems).toEqual([
      [expect.stringMatching(/^fleet-(include-nothing|bad-value)$/), 'fleet.yaml', 5, 11],
    ]);
  });
});

describe('an edit of a fleet of several files', () => {
  it('is made in the file that holds the namespace, and nowhere else', async () => {
    const world = new World({ 'fleet.yaml': main, ...teams, 'graph.json': graph });

    const { code, text } = await world.run('calls import', ['graph.json'], { write: true });

    expect([code, text]).toEqual([0, expect.stringContaining('Added 1 call to')]);
    expect(world.text('teams/b.yaml')).toContain('calls: ["cart/web:8080"]');
    expect([world.text('fleet.yaml'), world.text('teams/a.yaml')]).toEqual([main, teams['teams/a.yaml']]);
  });

  it('is made on what another has written meanwhile, in that file', async () => {
    const world = new World({ 'fleet.yaml': main, ...teams, 'graph.json': graph });
    world.beforeWrite = () => {
      world.beforeWrite = () => undefined;
      world.edit('teams/b.yaml', (text) => `# Theirs.\n${text}`);
    };

    await world.run('calls import', ['graph.json'], { write: true });

    expect(world.text('teams/b.yaml')).toMatch(/^# Theirs\.\n[^]*calls: \["cart\/web:8080"\]/);
  });

  it('is shown as a diff of that file', async () => {
    const world = new World({ 'fleet.yaml': main, ...teams, 'graph.json': graph });

    const { code, text } = await world.run('calls import', ['graph.json']);

    expect([code, text]).toEqual([1, expect.stringContaining('+++ b/teams/b.yaml')]);
  });
});

const graph = JSON.stringify({
  status: 'success',
  data: {
    resultType: 'vector',
    result: [
      {
        metric: {
          __name__: 'istio_requests_total',
          source_workload: 'web',
          source_workload_namespace: 'search',
          destination_service: 'web.cart.svc.cluster.local',
        },
        value: [1764057600, '7'],
      },
    ],
  },
});
