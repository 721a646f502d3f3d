import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import { MeshWorld } from './mesh-world.ts';

describe('wave plan', () => {
  it('orders the examples as the field report does: infrastructure, pilot, waves, STRICT, the next environment', async () => {
    const { code, json, text } = await new MeshWorld().run('wave plan', []);
    const { steps } = json as { steps: { week: number; environment: string; name: string }[] };

    expect(code).toBe(0);
    expect(steps.map(({ week, environment, name }) => `S+${String(week)} ${environment} ${name}`)).toEqual([
      'S+0 lab infrastructure',
      'S+1 lab pilot',
      'S+2 lab wave-1',
      'S+3 lab wave-2',
      'S+4 lab STRICT',
      'S+5 dev infrastructure',
      'S+6 dev pilot',
      'S+7 dev wave-1',
      'S+8 dev STRICT',
    ]);
    expect(text).toContain('payments         called by online-boutique');
  });

  it('prints a section that the fleet takes, after which the plan is the same', async () => {
    const world = new MeshWorld();
    const before = await world.run('wave plan', []);
    const section = (await world.run('wave plan', [], { yaml: true })).text;

    world.fleet += `\n${section}`;
    const after = await world.run('wave plan', []);
    const names = (result: { readonly json: object | undefined }) =>
      (result.json as { waves: { name: string; namespaces: { name: string }[] }[] }).waves.map((wave) => [
        wave.name,
        ...wave.namespaces.map(({ name }) => name),
      ]);

    expect(names(after)).toEqual(names(before));
  });

  it('draws a Gantt chart, a week a step', async () => {
    const { text } = await new MeshWorld().run('wave plan', [], { mermaid: true, start: '2026-12-01' });

    expect(text.split('\n').slice(0, 7)).toEqual([
      'gantt',
      '  title Into the mesh',
      '  dateFormat YYYY-MM-DD',
      '  axisFormat %d %b',
      '  section lab',
      '  S+0 infrastructure (2) :crit, s0, 2026-12-01, 7d',
      '  S+1 pilot (1) :s1, after s0, 7d',
    ]);
  });

  it('gives the parts of a fleet that have something to do, for a matrix of jobs', async () => {
    const world = new MeshWorld();
    const matrixOf = async (shards: string) => {
      const { json } = await world.run('wave plan', [], { shards });
      return (json as { readonly matrix: { readonly shard: readonly string[] } }).matrix;
    };
    const targetsOf = async (shard: string) => {
      const { json } = await world.run('wave status', [], { shard });
      return (json as { readonly moves: readonly { readonly target: string }[] }).moves;
    };
    const { shard: parts } = await matrixOf('256');
    const moves = await Promise.all(parts.map(targetsOf));

    expect(await matrixOf('1')).toEqual({ shard: ['1/1'] });
    expect(parts).toHaveLength(4);
    for (const each of moves) expect(each).not.toEqual([]);
    expect(moves.flat()).toHaveLength((await targetsOf('1/1')).length);
  });

  it.each([
    [{ shards: '0' }, '"0" is not a valid number of shards.'],
    [{ shards: '257' }, '"257" is not a valid number of shards.'],
    [{ maxSize: 'many' }, '"many" is not a valid wave size.'],
    [{ mermaid: true, start: '2026-13-01' }, '"2026-13-01" is not a valid date.'],
  ])('refuses %j', async (options, message) => {
    const { code, problems } = await new MeshWorld().run('wave plan', [], options);

    expect([code, problems[0]?.message]).toEqual([2, message]);
  });
});

describe('waves that people chose', () => {
  const load = (waves: string) =>
    loadFleet(`${new MeshWorld().fleet}\nwaves:\n${waves}`, 'fleet.yaml').problems;
  const said = (waves: string) => load(waves).map(({ rule, line, column }) => [rule, line, column]);

  it('may hold a caller with whom it calls, or before', () => {
    expect(said('  - {name: one, namespaces: [online-boutique, payments]}\n')).toEqual([]);
  });

  it.each([
    [
      'a callee before its caller',
      '  - {name: one, namespaces: [payments]}\n  - {name: two, namespaces: [online-boutique]}\n',
      'fleet-wave-order',
    ],
    ['a callee whose caller is in no wave', '  - {name: one, namespaces: [payments]}\n', 'fleet-wave-order'],
    ['a namespace nobody knows', '  - {name: one, namespaces: [shop]}\n', 'fleet-unknown-namespace'],
    ['a namespace twice', '  - {name: one, namespaces: [bookinfo, bookinfo]}\n', 'fleet-wave-twice'],
    [
      'two waves of a name',
      '  - {name: one, namespaces: [bookinfo]}\n  - {name: one, namespaces: [online-boutique]}\n',
      'fleet-duplicate-name',
    ],
  ])('are refused for %s', (_, waves, rule) => {
    const [problem] = load(waves);

    expect(problem?.rule).toBe(rule);
    expect(problem?.line).toBeGreaterThan(100);
  });
});
