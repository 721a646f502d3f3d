import { afterEach, describe, expect, it } from 'vitest';
import type { TargetResult } from '../../../src/model/bundle.ts';
import {
  apiFaults,
  branchOf,
  describeFault,
  finishAndCheck,
  gitFaults,
  runOptions,
  undisturbed,
  worldAt,
  type Situation,
} from './scenario.ts';
import type { WaveWorld } from './wave-world.ts';

/** Two targets in one repository: everything happens in one known order. */
const sizes = [2];

/** One test for each request of a run and each thing that can go wrong with it. */
export async function testFaults(situation: Situation): Promise<void> {
  let world: WaveWorld | undefined;
  afterEach(async () => {
    await world?.stop();
    world = undefined;
  });
  const { requests, files } = await undisturbed(situation, sizes);
  describe(`${situation}: running again finishes when`, () => {
    const cases = requests.flatMap((request, index) =>
      (request.startsWith('git ') ? gitFaults : apiFaults).map(
        (fault) =>
          [`request ${String(index + 1)}, ${request}, is ${describeFault(fault)}`, index, fault] as const,
      ),
    );

    it.each(cases)('%s', async (_, index, fault) => {
      world = await worldAt(situation, sizes);
      world.plan.set(index, fault);

      const { code, json } = await world.run('wave open', [], runOptions);

      expect(world.plan.hasHappened).toBe(true);
      expect([0, 1, 3]).toContain(code);
      const { results } = json as { readonly results: readonly TargetResult[] };
      expect(results.map(({ target }) => target).sort()).toEqual(['n0-0@lab', 'n0-1@lab']);
      await finishAndCheck(world, files);
    });

    it.each(requests.map((request, index) => [index, request] as const).filter(([index]) => index % 2 === 1))(
      'the base branch moves at request %i, %s',
      async (index) => {
        world = await worldAt(situation, sizes);
        const { plan, commit } = { plan: world.plan, commit: world.commit.bind(world) };
        plan.set(index, {
          kind: 'before',
          act: () => void commit('acme/r0', 'main', 'by-hand.txt', 'moved\n'),
        });

        await world.run('wave open', [], runOptions);

        await finishAndCheck(world, files);
      },
    );

    it.each(requests.map((request, index) => [index, request] as const).filter(([index]) => index % 2 === 1))(
      'a person commits to the branch at request %i, %s, and the commit stays',
      async (index) => {
        const here = await worldAt(situation, sizes);
        world = here;
        const branch = branchOf('n0-1');
        const theirs = new Map<string, string>();
        const act = () => theirs.set(branch, here.commit('acme/r0', branch, 'by-hand.txt', 'theirs\n'));
        here.plan.set(index, { kind: 'before', act });

        await here.run('wave open', [], runOptions);

        expect(theirs.size).toBe(1);
        await finishAndCheck(here, files, theirs);
      },
    );
  });
}
