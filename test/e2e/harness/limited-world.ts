import { readFileSync, writeFileSync } from 'node:fs';
import { FakeClock } from '../../fakes/clock.ts';
import { documentedLimits, LimitKeeper } from './github-limits.ts';
import { branchOf } from './scenario.ts';
import { WaveWorld } from './wave-world.ts';

export interface LimitedWorld {
  readonly world: WaveWorld;
  readonly limits: LimitKeeper;
  /** How long it took so far by the world's own clock. */
  readonly seconds: () => number;
}

/** A pull request for each namespace of one repository, on a GitHub that enforces what it writes down of its limits.
 *  @param written  what the fleet file says of limits: `secondsBetweenWrites: 0` */
export async function worldWithLimits(size: number, written: string): Promise<LimitedWorld> {
  const world = new WaveWorld([size]);
  const clock = new FakeClock();
  world.clock = clock;
  await world.start();
  const fleet = readFileSync(world.fleetFile, 'utf8');
  writeFileSync(world.fleetFile, fleet.replace(/limits: .*/, `limits: {${written}}`));
  const limits = new LimitKeeper(documentedLimits, () => clock.now());
  world.github.limits = limits;
  for (const [index, { name, repository }] of world.namespaces.entries())
    world.github.pulls.push({
      number: index + 1,
      repository,
      branch: branchOf(name),
      base: 'main',
      draft: false,
      title: name,
      body: '',
      state: 'open',
      mergedAt: null,
      createdAt: '2026-11-24T09:00:00Z',
      isFork: false,
      mergeCommit: undefined,
      comments: [],
      labels: [],
      reviewers: [],
      teams: [],
    });
  const start = clock.now();
  return { world, limits, seconds: () => (clock.now() - start) / 1000 };
}

/** The documented limits let the 501st comment come an hour after the first, and advise a second between two writes: after
 *  that hour there are a comment and an end for each one that is left, but for the first of these comments.
 *  @param count  of pull requests, from 501 to 1,000 */
export function leastSecondsToClose(count: number): number {
  return 3600 + 2 * (count - documentedLimits.creationsPerHour) - 1;
}
