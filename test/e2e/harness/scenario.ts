import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Result } from '../../../src/commands/command.ts';
import type { TargetResult } from '../../../src/model/bundle.ts';
import { FakeClock } from '../../fakes/clock.ts';
import type { Fault } from './faults.ts';
import { WaveWorld } from './wave-world.ts';

/** What a run finds: nothing yet, or pull requests that a changed fleet wants changed. */
export type Situation = 'first run' | 'update';

export const runOptions = { parallel: '9' };
export const runArguments = ['wave', 'open', '--parallel', '9'];

/** A world in a situation, ready for the run that something happens to. */
export async function worldAt(situation: Situation, sizes: readonly number[]): Promise<WaveWorld> {
  const world = new WaveWorld(sizes);
  world.clock = new FakeClock();
  await world.start();
  if (situation === 'update') {
    await world.run('wave open', [], runOptions);
    const fleet = readFileSync(world.fleetFile, 'utf8');
    writeFileSync(world.fleetFile, fleet.replace('revision: stable', 'revision: canary'));
  }
  return world;
}

/** The requests of a run to which nothing happens, and the files each branch has after it. */
export async function undisturbed(
  situation: Situation,
  sizes: readonly number[],
): Promise<{ readonly requests: readonly string[]; readonly files: ReadonlyMap<string, string> }> {
  const world = await worldAt(situation, sizes);
  const before = world.plan.seen.length;
  const { code } = await world.run('wave open', [], runOptions);
  expect(code).toBe(0);
  const found = { requests: world.plan.seen.slice(before), files: filesOf(world) };
  await world.stop();
  return found;
}

export function branchOf(namespace: string): string {
  return `meshwright/${namespace}-lab-joined`;
}

/** Files of every branch but those of people. */
function filesOf(world: WaveWorld): ReadonlyMap<string, string> {
  return new Map(
    world.namespaces.map(({ name, repository }) => [
      name,
      world
        .files(repository, branchOf(name))
        .split('\n')
        .filter((line) => !line.endsWith('by-hand.txt'))
        .join('\n'),
    ]),
  );
}

/** Runs until a run succeeds, and looks at what it left.
 *  @param theirs  commits of people, by branch of `acme/r0`, that must still be there */
export async function finishAndCheck(
  world: WaveWorld,
  files: ReadonlyMap<string, string>,
  theirs: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  world.plan.clear();
  let result: Result | undefined;
  for (let tries = 0; tries < 3 && result?.code !== 0; tries++)
    result = await world.run('wave open', [], runOptions);
  expect(result?.code, JSON.stringify(result?.problems)).toBe(0);

  for (const { name, repository } of world.namespaces) {
    const pulls = world.github.pulls.filter(
      (pull) => pull.repository === repository && pull.branch === branchOf(name),
    );
    expect(pulls, name).toMatchObject([{ state: 'open', labels: ['mesh'] }]);
  }
  expect(filesOf(world)).toEqual(files);
  for (const [branch, commit] of theirs)
    expect(world.isIn('acme/r0', commit, branch), `the commit of a person on ${branch}`).toBe(true);

  const before = world.plan.seen.length;
  const again = await world.run('wave open', [], runOptions);
  const { results } = again.json as { readonly results: readonly TargetResult[] };
  expect(results.map(({ outcome }) => outcome)).toEqual(world.namespaces.map(() => 'unchanged'));
  const writes = world.plan.seen
    .slice(before)
    .filter((name) => /^(?:POST (?!\/graphql)|PATCH|PUT|DELETE)|receive-pack$/.test(name));
  expect(writes).toEqual([]);
  expect(world.github.violations).toEqual([]);
}

/** Faults of an answer of the API. */
export const apiFaults: readonly Fault[] = [
  ...[401, 403, 404, 409, 422, 500, 502, 503].map((status) => ({ kind: 'status' as const, status })),
  { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
  { kind: 'secondary', retryAfter: '60' },
  { kind: 'secondary' },
  { kind: 'cut-before' },
  { kind: 'cut-after' },
  { kind: 'truncated' },
  { kind: 'twice' },
];

/** Faults of an answer of git's server. */
export const gitFaults: readonly Fault[] = [
  { kind: 'status', status: 503 },
  { kind: 'cut-before' },
  { kind: 'truncated' },
];

export function describeFault(fault: Fault): string {
  if (fault.kind === 'status') return `answered with ${String(fault.status)}`;
  return {
    secondary: 'refused by a secondary limit',
    'cut-before': 'cut before it is served',
    'cut-after': 'cut before it is answered',
    truncated: 'answered by half',
    twice: 'delivered twice',
    before: 'disturbed',
    after: 'disturbed',
  }[fault.kind];
}
