import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Result } from '../../../src/commands/command.ts';
import type { TargetResult } from '../../../src/model/bundle.ts';
import { FakeClock } from '../../fakes/clock.ts';
import type { Fault } from './faults.ts';
import { WaveWorld, type Frozen } from './wave-world.ts';

/** What a run finds and is to do: nothing yet; pull requests that a changed fleet wants changed; ones to be closed. */
export type Situation = 'first run' | 'update' | 'close';

export const runOptions = { parallel: '9' };
export const runArguments = ['wave', 'open', '--parallel', '9'];

/** The run that something happens to, and the one that goes on after it. */
export function runOf(situation: Situation, world: WaveWorld): Promise<Result> {
  return situation === 'close'
    ? world.run('wave close', [], { all: true, reason: 'freeze' })
    : world.run('wave open', [], runOptions);
}

/** The same for the built CLI. */
export function argumentsOf(situation: Situation): readonly string[] {
  return situation === 'close' ? ['wave', 'close', '--all', '--reason', 'freeze'] : runArguments;
}

/** Worlds to begin with, made once: those whose place is taken are made again at another one. */
const kept = new Map<string, Frozen[]>();

/** A world in a situation, ready for the run that something happens to. */
export async function worldAt(situation: Situation, sizes: readonly number[]): Promise<WaveWorld> {
  const isOpened = situation !== 'first run';
  const key = JSON.stringify([isOpened, sizes]);
  const all = kept.get(key) ?? [];
  kept.set(key, all);
  let frozen = all.find(({ gate }) => gate.isFree);
  if (frozen === undefined) {
    frozen = await prepare(isOpened, sizes);
    all.push(frozen);
  }
  const world = WaveWorld.thaw(frozen);
  world.clock = new FakeClock();
  if (situation === 'update') editFleet(world, 'revision: stable', 'revision: canary');
  return world;
}

async function prepare(isOpened: boolean, sizes: readonly number[]): Promise<Frozen> {
  const world = new WaveWorld(sizes);
  world.clock = new FakeClock();
  await world.start();
  editFleet(world, 'labels: [mesh]', 'labels: [mesh]\n  reviewers: [alice, acme/mesh]');
  if (isOpened) expect((await world.run('wave open', [], runOptions)).code).toBe(0);
  return world.freeze();
}

function editFleet(world: WaveWorld, from: string, to: string): void {
  const fleet = readFileSync(world.fleetFile, 'utf8');
  expect(fleet).toContain(from);
  writeFileSync(world.fleetFile, fleet.replace(from, to));
}

/** The requests of a run to which nothing happens, and the files each branch has after it. */
export async function undisturbed(
  situation: Situation,
  sizes: readonly number[],
): Promise<{ readonly requests: readonly string[]; readonly files: ReadonlyMap<string, string> }> {
  const world = await worldAt(situation, sizes);
  const { code, problems } = await runOf(situation, world);
  expect(code, JSON.stringify(problems)).toBe(0);
  const found = { requests: [...world.plan.seen], files: filesOf(world) };
  await world.stop();
  return found;
}

export function branchOf(namespace: string): string {
  return `meshwright/${namespace}@lab.joined`;
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

/** What people did meanwhile, and what cannot be undone. */
interface Meanwhile {
  /** Commits of people, by branch of `acme/r0`, that must still be there. */
  readonly theirs?: ReadonlyMap<string, string>;
  /** How often the network delivered our comment. */
  readonly comments?: number;
}

/** Runs until a run succeeds, and looks at what it left. */
export async function finishAndCheck(
  situation: Situation,
  world: WaveWorld,
  files: ReadonlyMap<string, string>,
  { theirs = new Map(), comments = 1 }: Meanwhile = {},
): Promise<void> {
  world.plan.clear();
  let result: Result | undefined;
  for (let tries = 0; tries < 3 && result?.code !== 0; tries++) result = await runOf(situation, world);
  expect(result?.code, JSON.stringify(result?.problems)).toBe(0);

  const isClosed = situation === 'close';
  for (const { name, repository } of world.namespaces) {
    const pulls = world.github.pulls.filter(
      (pull) => pull.repository === repository && pull.branch === branchOf(name),
    );
    const state = isClosed ? 'closed' : 'open';
    expect(pulls, name).toMatchObject([{ state, labels: ['mesh'], reviewers: ['alice'], teams: ['mesh'] }]);
    const ours = pulls[0]?.comments.filter(({ author }) => author === 'meshwright[bot]');
    expect(ours, name).toHaveLength(isClosed ? comments : 0);
  }
  expect(filesOf(world)).toEqual(files);
  for (const [branch, commit] of theirs)
    expect(world.isIn('acme/r0', commit, branch), `the commit of a person on ${branch}`).toBe(true);

  const before = world.plan.seen.length;
  const again = await runOf(situation, world);
  const { results } = again.json as { readonly results: readonly TargetResult[] };
  expect(results.map(({ outcome }) => outcome)).toEqual(
    isClosed ? [] : world.namespaces.map(() => 'unchanged'),
  );
  const writes = world.plan.seen
    .slice(before)
    .filter((name) => /^(?:POST (?!\/graphql)|PATCH|PUT|DELETE)|receive-pack$/.test(name));
  expect(writes).toEqual([]);
  expect(world.github.violations).toEqual([]);
}

/** Faults of an answer of the API. */
const apiFaults: readonly Fault[] = [
  ...[401, 403, 404, 409, 422, 500, 502, 503].map((status) => ({ kind: 'status' as const, status })),
  { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
  { kind: 'secondary', retryAfter: '60' },
  { kind: 'secondary' },
  { kind: 'cut-before' },
  { kind: 'cut-after' },
  { kind: 'truncated' },
  { kind: 'twice' },
];

/** Faults of any answer of git's server. */
const gitFaults: readonly Fault[] = [
  { kind: 'status', status: 401, headers: { 'www-authenticate': 'Basic realm="git"' } },
  { kind: 'status', status: 403 },
  { kind: 'status', status: 404 },
  { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
  { kind: 'status', status: 503 },
  { kind: 'cut-before' },
  { kind: 'truncated' },
];

/** What can go wrong with a request of this name. */
export function faultsOf(request: string): readonly Fault[] {
  if (!request.startsWith('git ')) return apiFaults;
  if (!request.endsWith(' receive-pack')) return gitFaults;
  return [...gitFaults, { kind: 'cut-after' }, { kind: 'half' }, { kind: 'twice' }];
}

export function describeFault(fault: Fault): string {
  if (fault.kind === 'status') return `answered with ${String(fault.status)}`;
  return {
    secondary: 'refused by a secondary limit',
    'cut-before': 'cut before it is served',
    'cut-after': 'cut before it is answered',
    truncated: 'answered by half',
    twice: 'delivered twice',
    half: 'reset in the middle',
    before: 'disturbed',
    after: 'disturbed',
  }[fault.kind];
}
