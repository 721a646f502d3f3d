import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { components, graphOf, type Graph } from '../../src/waves/graph.ts';
import type { Wave } from '../../src/model/waves.ts';
import { planWaves, type WaveCandidate } from '../../src/waves/order.ts';
import { schedule } from '../../src/waves/schedule.ts';

const traits = [[], ['hosts'], ['TCP services'], ['hosts', 'sticky sessions']];

interface Given {
  readonly graph: Graph;
  readonly candidates: readonly WaveCandidate[];
}

/** A call graph of up to `most` namespaces; half of the calls go anywhere, so there are circles. */
const anyGraph = (most: number) =>
  fc
    .record({
      size: fc.integer({ min: 1, max: most }),
      seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      density: fc.constantFrom(0, 1, 2, 3),
    })
    .map(({ size, seed, density }): Given => {
      let state = seed;
      const random = (below: number) => {
        state = (state * 48271) % 2147483647;
        return state % below;
      };
      const names = Array.from({ length: size }, (_, index) => `ns-${String(index)}`);
      const name = (index: number) => names[index % size] ?? '';
      const calls = Array.from({ length: size * density }, () => ({
        from: name(random(size)),
        to: name(random(size)),
      }));
      const graph = graphOf(names, calls);
      return {
        graph,
        candidates: names.map((each) => ({
          name: each,
          traits: traits[random(traits.length)] ?? [],
          services: 1 + random(5),
          hasTraffic: random(3) > 0,
        })),
      };
    });

/** Every call of every step: a callee may be enforced only when whoever calls it has an identity. */
function brokenCalls({ graph }: Given, waves: readonly Wave[]): readonly string[] {
  const steps = schedule(waves, [{ name: 'lab', clusters: [], namespaces: new Set(graph.nodes) }]);
  const stage = new Map<string, string>();
  const broken: string[] = [];
  for (const { moves } of steps)
    for (const { target, stage: next } of moves) {
      const name = target.replace('@lab', '');
      stage.set(name, next);
      if (next === 'enforced')
        for (const caller of graph.callers.get(name) ?? [])
          if (!stage.has(caller)) broken.push(`${caller} → ${name}`);
    }
  return broken;
}

const members = (waves: readonly Wave[]) =>
  waves.flatMap(({ namespaces }) => namespaces.map(({ name }) => name));

describe('waves', () => {
  it('break no call at any step, hold everyone once, and keep to their size, for random graphs with circles', () => {
    fc.assert(
      fc.property(anyGraph(60), fc.integer({ min: 1, max: 12 }), (given, size) => {
        const waves = planWaves(given.candidates, given.graph, [], size);

        expect(brokenCalls(given, waves)).toEqual([]);
        expect(members(waves).sort()).toEqual([...given.graph.nodes]);
        const circles = components(given.graph);
        for (const wave of waves) {
          const largest = Math.max(
            ...wave.namespaces.map(({ name }) => circles.find((each) => each.includes(name))?.length ?? 0),
          );
          expect(wave.namespaces.length).toBeLessThanOrEqual(Math.max(size, largest));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('do so for 5,000 namespaces', () => {
    fc.assert(
      fc.property(anyGraph(5000), (given) => {
        const waves = planWaves(given.candidates, given.graph, [], 25);

        expect(brokenCalls(given, waves)).toEqual([]);
        expect(members(waves)).toHaveLength(given.graph.nodes.length);
      }),
      { numRuns: 8 },
    );
  });

  it('are the same for the same fleet, in whatever order it is written', () => {
    fc.assert(
      fc.property(anyGraph(40), ({ candidates, graph }) => {
        expect(planWaves([...candidates].reverse(), graph, [], 5)).toEqual(
          planWaves(candidates, graph, [], 5),
        );
      }),
    );
  });

  it('keep what people chose, and put the rest behind it', () => {
    const names = ['a', 'b', 'c', 'd'];
    const graph = graphOf(names, [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
    ]);
    const candidates = names.map((name) => ({ name, traits: [], services: 1, hasTraffic: true }));

    const waves = planWaves(candidates, graph, [{ name: 'brave', namespaces: ['a'] }], 10);

    expect(waves.map(({ name, namespaces }) => [name, ...namespaces.map((each) => each.name)])).toEqual([
      ['brave', 'a'],
      ['wave-1', 'd', 'b', 'c'],
    ]);
  });

  it('begin with the smallest that has traffic and that nobody calls', () => {
    const graph = graphOf(
      ['big', 'idle', 'small', 'hub'],
      [
        { from: 'big', to: 'hub' },
        { from: 'small', to: 'hub' },
      ],
    );
    const candidates = [
      { name: 'big', traits: [], services: 9, hasTraffic: true },
      { name: 'idle', traits: [], services: 1, hasTraffic: false },
      { name: 'small', traits: [], services: 2, hasTraffic: true },
      { name: 'hub', traits: [], services: 1, hasTraffic: true },
    ];

    const [pilot] = planWaves(candidates, graph, [], 10);

    expect(pilot?.namespaces).toEqual([{ name: 'small', why: 'no other namespace calls it' }]);
    expect(pilot?.why).toBe(
      'the smallest with real traffic that nobody depends on: it calls 1 namespace, 2 services',
    );
  });
});

describe('components', () => {
  it('are circles of calls, callers before callees', () => {
    const graph = graphOf(
      ['a', 'b', 'c', 'd', 'e'],
      [
        { from: 'e', to: 'a' },
        { from: 'a', to: 'b' },
        { from: 'b', to: 'a' },
        { from: 'b', to: 'c' },
        { from: 'd', to: 'd' },
      ],
    );
    const found = components(graph).map((each) => each.join(''));

    expect([...found].sort()).toEqual(['ab', 'c', 'd', 'e']);
    expect(found.indexOf('e')).toBeLessThan(found.indexOf('ab'));
    expect(found.indexOf('ab')).toBeLessThan(found.indexOf('c'));
  });

  it('are found in a chain of 200,000 calls', () => {
    const names = Array.from({ length: 200_000 }, (_, index) => String(index).padStart(6, '0'));
    const calls = names.slice(1).map((to, index) => ({ from: names[index] ?? '', to }));

    expect(components(graphOf(names, calls)).map(([name]) => name)).toEqual(names);
  });
});
