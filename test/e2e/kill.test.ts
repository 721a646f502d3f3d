import { afterEach, describe, expect, it } from 'vitest';
import { slice } from '../sampling.ts';
import { argumentsOf, finishAndCheck, runArguments, undisturbed, worldAt } from './harness/scenario.ts';
import type { WaveWorld } from './harness/wave-world.ts';

let world: WaveWorld | undefined;
afterEach(async () => {
  await world?.stop();
  world = undefined;
});

const situations = await Promise.all(
  (
    [
      ['first run', [2]],
      ['update', [2]],
      ['close', [1]],
    ] as const
  ).map(async ([situation, sizes]) => ({ situation, sizes, ...(await undisturbed(situation, sizes)) })),
);

describe.each(situations)(
  '$situation: kill -9 loses nothing and doubles nothing',
  ({ situation, sizes, requests, files }) => {
    const cases = requests.flatMap((request, index) =>
      (['before', 'after'] as const).map((when) => [when, index, request] as const),
    );

    it.each(slice(cases, 4))('%s request %i, %s, is served', async (when, index) => {
      const here = await worldAt(situation, sizes);
      world = here;
      const { child, end } = here.spawn(argumentsOf(situation));
      // git goes on by itself when its parent is gone; so does the machine of whoever pulled the plug not.
      const act = () => process.kill(-(child.pid ?? 0), 'SIGKILL');
      here.plan.set(index, { kind: when, act });

      const { code } = await end;

      expect(code).toBe(-1);
      expect(here.plan.hasHappened).toBe(true);
      await finishAndCheck(situation, here, files);
    });
  },
);

describe('Ctrl-C', () => {
  it.each([
    [3, 'SIGINT'],
    [9, 'SIGINT'],
    [14, 'SIGINT'],
    [9, 'SIGTERM'],
    [14, 'SIGHUP'],
  ] as const)(
    'at request %i (%s) ends after the step under way, says how to go on, and the next run finishes',
    async (index, signal) => {
      const here = await worldAt('first run', [3]);
      world = here;
      const { child, end } = here.spawn(runArguments);
      // The terminal sends it to everyone in the foreground: git dies of it.
      const act = () => process.kill(-(child.pid ?? 0), signal);
      here.plan.set(index, { kind: 'before', act });

      const run = await end;

      expect(run.code).toBe(130);
      expect(run.stderr).toContain('finishing work in progress');
      expect(run.stdout).toContain(
        'Interrupted. What was started has been finished; run the same command again to continue.',
      );
      expect([1, 2]).toContain(here.github.pulls.length);
      for (const { labels } of here.github.pulls) expect(labels).toEqual(['mesh']);
      const { files } = await undisturbed('first run', [3]);
      await finishAndCheck('first run', here, files);
    },
  );

  it('a second time ends at once', async () => {
    const here = await worldAt('first run', [3]);
    world = here;
    const { child, end } = here.spawn(runArguments);
    const act = () => {
      process.kill(child.pid ?? 0, 'SIGINT');
      process.kill(child.pid ?? 0, 'SIGINT');
    };
    here.plan.set(9, { kind: 'before', act });

    expect((await end).code).toBe(130);
  });
});
