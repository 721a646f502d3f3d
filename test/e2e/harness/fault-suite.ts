import { afterEach, describe, expect, it } from 'vitest';
import type { TargetResult } from '../../../src/model/bundle.ts';
import { slice } from '../../sampling.ts';
import {
  branchOf,
  describeFault,
  faultsOf,
  finishAndCheck,
  runOf,
  undisturbed,
  worldAt,
  type Situation,
} from './scenario.ts';
import type { WaveWorld } from './wave-world.ts';

/** Two targets in one repository are opened in one known order; pull requests are closed several at a time. */
const sizesAt = { 'first run': [2], update: [2], close: [1] } as const;

/** Of so many runs together, each scenario is in one. */
const parts = 6;

/** One test for each request of a run and each thing that can go wrong with it; a sixth of them in one run. */
export async function testFaults(situation: Situation): Promise<void> {
  const sizes = sizesAt[situation];
  let world: WaveWorld | undefined;
  afterEach(async () => {
    await world?.stop();
    world = undefined;
  });
  const { requests, files } = await undisturbed(situation, sizes);
  describe(`${situation}: running again finishes when`, () => {
    const cases = requests.flatMap((request, index) =>
      faultsOf(request).map(
        (fault) =>
          [
            `request ${String(index + 1)}, ${request}, is ${describeFault(fault)}`,
            index,
            request,
            fault,
          ] as const,
      ),
    );

    it.each(slice(cases, parts))('%s', async (_, index, request, fault) => {
      world = await worldAt(situation, sizes);
      world.plan.set(index, fault);

      const { code, json, problems } = await runOf(situation, world);

      expect(world.plan.hasHappened).toBe(true);
      expect([0, 1, 3]).toContain(code);
      const { results } = json as { readonly results: readonly TargetResult[] };
      // Nothing to close is known of a target whose state could not be read; the problem says so.
      const isUnseen = situation === 'close' && results.length === 0 && problems.length > 0;
      if (!isUnseen)
        expect(results.map(({ target }) => target).sort()).toEqual(
          world.namespaces.map(({ name }) => `${name}@lab`),
        );
      // Nobody can take back what a proxy said two times.
      const comments = fault.kind === 'twice' && request.endsWith('/comments') ? 2 : 1;
      await finishAndCheck(situation, world, files, {
        comments: request.startsWith('POST') ? comments : 1,
      });
    });

    it.each(slice([...requests.entries()], parts))(
      'the base branch moves at request %i, %s',
      async (index) => {
        const here = await worldAt(situation, sizes);
        world = here;
        const act = () => void here.commit('acme/r0', 'main', 'by-hand.txt', 'moved\n');
        here.plan.set(index, { kind: 'before', act });

        await runOf(situation, here);

        expect(here.plan.hasHappened).toBe(true);
        await finishAndCheck(situation, here, files);
      },
    );

    it.each(slice([...requests.entries()], parts))(
      'a person commits to the branch and comments at request %i, %s, and both stay',
      async (index) => {
        const here = await worldAt(situation, sizes);
        world = here;
        const branch = branchOf(here.namespaces.at(-1)?.name ?? '');
        const theirs = new Map<string, string>();
        const alone = new Set<string>();
        const act = () => {
          if (here.head('acme/r0', branch) === undefined) alone.add(branch);
          theirs.set(branch, here.commit('acme/r0', branch, 'by-hand.txt', 'theirs\n'));
          for (const pull of here.github.pulls) here.github.say(pull, 'wait for me');
        };
        const pulls = () => here.github.pulls.filter(({ comments }) => comments.some(isTheirs));
        here.plan.set(index, { kind: 'before', act });

        await runOf(situation, here);

        expect(theirs.size).toBe(1);
        if (alone.has(branch)) {
          // Nothing of ours is on it, so it is theirs: no pull request describes it, and it stays as it is.
          const refused = await runOf(situation, here);
          expect(refused.problems.map(({ rule }) => rule)).toContain('branch-of-others');
          expect(here.github.pulls.filter((pull) => pull.branch === branch)).toEqual([]);
          expect(here.head('acme/r0', branch)).toBe(theirs.get(branch));
          return;
        }
        const commented = pulls();
        await finishAndCheck(situation, here, files, { theirs });
        expect(pulls()).toEqual(commented);
      },
    );
  });
}

function isTheirs({ author }: { readonly author: string }): boolean {
  return author === 'alice';
}
