import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { TargetResult } from '../../src/model/bundle.ts';
import {
  branchOf,
  finishAndCheck,
  runArguments,
  runOptions,
  undisturbed,
  worldAt,
} from './harness/scenario.ts';
import { leastSecondsToClose, worldWithLimits, type LimitedWorld } from './harness/limited-world.ts';
import { documentedLimits, LimitKeeper } from './harness/github-limits.ts';
import { WaveWorld } from './harness/wave-world.ts';
import { FakeClock } from '../fakes/clock.ts';

let world: WaveWorld | undefined;
afterEach(async () => {
  await world?.stop();
  world = undefined;
});

describe('two people at the same time', () => {
  it.each(['one cache', 'a cache each'])('open no pull request twice (%s)', async (caches) => {
    const sizes = [2, 1, 1];
    const here = await worldAt('first run', sizes);
    world = here;
    const other = caches === 'one cache' ? {} : { MESHWRIGHT_CACHE: join(here.folder, 'other-cache') };

    const [one, two] = await Promise.all([here.spawn(runArguments).end, here.spawn(runArguments, other).end]);

    expect([one.code, two.code], one.stderr + two.stderr).toEqual([0, 0]);
    expect(here.github.pulls).toHaveLength(4);
    await finishAndCheck('first run', here, (await undisturbed('first run', sizes)).files);
  });
});

describe('limits', () => {
  it('are kept through a whole wave, as the server counts', async () => {
    const here = new WaveWorld(Array.from({ length: 10 }, () => 3));
    const clock = new FakeClock();
    here.clock = clock;
    world = here;
    await here.start();
    const fleet = readFileSync(here.fleetFile, 'utf8');
    writeFileSync(
      here.fleetFile,
      fleet.replace(/limits: .*/, 'limits: {creationsPerMinute: 8, creationsPerHour: 20, patience: 2h}'),
    );
    const limits = new LimitKeeper({ ...documentedLimits, creationsPerMinute: 8, creationsPerHour: 20 }, () =>
      clock.now(),
    );
    here.github.limits = limits;
    const start = clock.now();
    const writes: number[] = [];
    const creations: number[] = [];
    here.github.onRequest = (request) => {
      const at = (clock.now() - start) / 1000;
      if (!/^(?:POST \/graphql|GET)/.test(request)) writes.push(at);
      if (/^POST .*\/pulls$/.test(request)) creations.push(at);
    };

    const { code } = await here.run('wave open', [], { parallel: '30' });

    expect(code).toBe(0);
    expect(limits.refusals).toEqual([]);
    expect(here.github.pulls).toHaveLength(30);
    expect(writes).toHaveLength(60);
    const pauses = writes.slice(1).map((at, index) => at - (writes[index] ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1);
    const most = (seconds: number) =>
      Math.max(
        ...creations.map((from) => creations.filter((at) => at >= from && at < from + seconds).length),
      );
    expect(most(60)).toBe(8);
    expect(most(3600)).toBe(20);
    // As quick as the limits allow: the last ten begin when the hour is over.
    expect(creations.at(-1)).toBeLessThan(3600 + 120);
  });
});

describe('the limits that GitHub writes down', () => {
  async function opened(size: number, written: string): Promise<LimitedWorld> {
    const limited = await worldWithLimits(size, written);
    world = limited.world;
    return limited;
  }

  it('let 520 comments through in little more than the hour that they ask for, and never have to refuse', async () => {
    const { world: here, limits, seconds } = await opened(520, '');

    const { code } = await here.run('wave close', [], { all: true, reason: 'freeze' });

    expect(code).toBe(0);
    expect(limits.refusals).toEqual([]);
    expect(here.github.pulls.filter(({ state }) => state === 'closed')).toHaveLength(520);
    expect(here.github.pulls.every(({ comments }) => comments.length === 1)).toBe(true);
    expect(seconds() / leastSecondsToClose(520)).toBeLessThan(1.02);
  });

  it('hold without a pause between writes: 80 comments a minute, 900 points a minute, 100 requests at once', async () => {
    const { world: here, limits } = await opened(200, 'secondsBetweenWrites: 0');

    const { code } = await here.run('wave close', [], { all: true, reason: 'freeze' });

    expect(code).toBe(0);
    expect(limits.refusals).toEqual([]);
    expect(limits.mostAtOnce).toBeLessThanOrEqual(100);
    expect(here.github.pulls.filter(({ state }) => state === 'closed')).toHaveLength(200);
  });

  it('stop whoever does not heed them: the server refuses, and a run with limits of its own invention still ends well', async () => {
    const { world: here, limits } = await opened(
      100,
      'secondsBetweenWrites: 0, creationsPerMinute: 10000, pointsPerMinute: 1000000',
    );

    const { code } = await here.run('wave close', [], { all: true, reason: 'freeze' });

    expect(limits.refusals.length).toBeGreaterThan(0);
    expect(code).toBe(0);
    expect(here.github.pulls.every(({ comments }) => comments.length === 1)).toBe(true);
  });
});

describe('a wave on GitHub', () => {
  /** One at a time, with every gate. */
  async function gated(): Promise<WaveWorld> {
    const here = new WaveWorld([1, 1]);
    const clock = new FakeClock();
    here.clock = clock;
    here.github.now = () => clock.now();
    await here.start();
    const fleet = readFileSync(here.fleetFile, 'utf8');
    writeFileSync(
      here.fleetFile,
      fleet.replace('soak: {pilot: 0s, wave: 0s}\n  verification: none', 'soak: {pilot: 0s}'),
    );
    return here;
  }

  async function open(here: WaveWorld): Promise<readonly string[]> {
    const { json, problems } = await here.run('wave open', [], {});
    expect(problems).toEqual([]);
    const { results } = json as { readonly results: readonly TargetResult[] };
    return results.map(
      ({ target, outcome, reason }) => `${target} ${outcome}${reason === undefined ? '' : ` (${reason})`}`,
    );
  }

  it('goes on when a maintainer or a job says that the merged step works', async () => {
    const here = await gated();
    world = here;

    expect(await open(here)).toEqual(['n0-0@lab opened', 'n1-0@lab waiting (until n0-0@lab is joined)']);
    const first = here.github.pull('acme/r0', branchOf('n0-0'));
    here.merge(first);
    here.github.say(first, '/meshwright verified', 'passer-by');
    here.github.say(first, '/meshwright verified', 'meshwright[bot]');
    expect(await open(here)).toEqual([
      'n0-0@lab waiting (comment /meshwright verified, or set the status meshwright/verify)',
      'n1-0@lab waiting (until n0-0@lab is verified)',
    ]);
    here.github.say(first, 'Kiali is green.\r\n/meshwright verified\r\n');
    expect(await open(here)).toContain('n1-0@lab opened');

    const second = here.github.pull('acme/r1', branchOf('n1-0'));
    here.merge(second);
    const status = { sha: second.mergeCommit ?? '', context: 'meshwright/verify', at: here.github.date() };
    here.github.statuses.push({ ...status, state: 'failure' });
    expect(await open(here)).toContain(
      'n1-0@lab waiting (meshwright/verify reported a failure; roll it back, or verify it again)',
    );
    here.github.statuses.splice(0, 1, { ...status, state: 'success' });
    expect(await open(here)).toContain('n0-0@lab opened');
    expect(here.github.pulls.at(-1)?.branch).toBe('meshwright/n0-0@lab.enforced');
    expect(here.github.violations).toEqual([]);
  });

  it('hears a word against it below any number of comments, checks and closed pull requests', async () => {
    const here = await gated();
    world = here;
    await open(here);
    const first = here.github.pull('acme/r0', branchOf('n0-0'));
    here.merge(first);
    here.github.say(first, '/meshwright failed: 502s');
    for (let number = 0; number < 320; number++)
      here.github.say(first, number % 2 === 0 ? '/meshwright verified' : `remark ${String(number)}`, 'bob');
    const held = 'n0-0@lab waiting (alice reported a failure; roll it back, or verify it again)';
    expect(await open(here)).toContain(held);

    here.github.say(first, '<!--\n/meshwright verified\n-->');
    expect(await open(here)).toContain(held);
    // People open and close the branch again and again, and nothing of it takes the merge away.
    for (let number = 100; number < 250; number++)
      here.github.pulls.push({ ...first, number, state: 'closed', mergedAt: null, comments: [] });
    expect(await open(here)).toContain(held);

    const sha = first.mergeCommit ?? '';
    for (let number = 0; number < 130; number++)
      here.github.statuses.push({
        sha,
        context: `ci/${String(number)}`,
        at: here.github.date(),
        state: 'success',
      });
    const verify = { sha, context: 'meshwright/verify', at: '2099-01-01T00:00:00Z', state: '' };
    const unverified = 'n0-0@lab waiting (comment /meshwright verified, or set the status meshwright/verify)';
    for (const [conclusion, expected] of [
      ['SKIPPED', held],
      ['NEUTRAL', held],
      ['CANCELLED', unverified],
      [
        'TIMED_OUT',
        'n0-0@lab waiting (meshwright/verify reported a failure; roll it back, or verify it again)',
      ],
    ] as const) {
      here.github.statuses.splice(130, 1, { ...verify, conclusion });
      expect(await open(here), conclusion).toContain(expected);
    }
    here.github.statuses.splice(130, 1, { ...verify, conclusion: 'SUCCESS' });
    expect(await open(here)).toContain('n1-0@lab opened');
    expect(here.github.violations).toEqual([]);
  });

  it('holds when there is more said than anybody reads', async () => {
    const here = await gated();
    world = here;
    await open(here);
    const first = here.github.pull('acme/r0', branchOf('n0-0'));
    here.merge(first);
    here.github.say(first, '/meshwright failed');
    for (let number = 0; number < 5200; number++) here.github.say(first, 'spam', 'bob');
    here.github.say(first, '/meshwright verified');

    const { code, json, problems } = await here.run('wave open', [], {});

    expect(code).toBe(3);
    expect(problems).toMatchObject([{ rule: 'forge-too-much-said' }]);
    expect(json).toMatchObject({ summary: { failed: 1, waiting: 1 } });
    expect(here.github.pulls).toHaveLength(1);
  });

  it.each([
    ['admin', true],
    ['write', true],
    ['read', false],
    ['none', false],
  ] as const)('asks GitHub who may verify: permission %s → %s', async (permission, counts) => {
    const here = await gated();
    world = here;
    await open(here);
    const first = here.github.pull('acme/r0', branchOf('n0-0'));
    here.merge(first);
    here.github.permissions.carol = permission;
    here.github.say(first, '/meshwright verified', 'carol');

    expect((await open(here)).includes('n1-0@lab opened')).toBe(counts);
    expect(here.github.violations).toEqual([]);
  });

  it('holds when GitHub does not say what a speaker may do, and when too many speak', async () => {
    const here = await gated();
    world = here;
    await open(here);
    const first = here.github.pull('acme/r0', branchOf('n0-0'));
    here.merge(first);
    here.github.say(first, '/meshwright verified', 'carol');
    const at = 'GET /repos/acme/r0/collaborators/carol/permission';
    here.github.onRequest = (request) => {
      if (request === at) throw new Error('never asked for');
    };
    here.plan.setFor(at, { kind: 'status', status: 403 });

    const refused = await here.run('wave open', [], {});

    expect(refused.problems).toMatchObject([{ rule: 'forge-forbidden' }]);
    expect(refused.problems[0]?.message).toContain('carol');
    here.plan.clear();
    here.github.onRequest = () => undefined;
    for (let number = 0; number < 101; number++)
      here.github.say(first, '/meshwright failed', `stranger-${String(number)}`);
    const { problems } = await here.run('wave open', [], {});
    expect(problems).toMatchObject([{ rule: 'forge-too-much-said' }]);
    expect(here.github.pulls).toHaveLength(1);
  });

  it('closes with one comment, however often it has to be tried', async () => {
    const here = await worldAt('first run', [1]);
    world = here;
    await here.run('wave open', [], runOptions);
    const [pull] = here.github.pulls;

    for (const request of ['POST /repos/acme/r0/issues/1/comments', 'PATCH /repos/acme/r0/pulls/1']) {
      here.github.loseNextAnswerTo = request;
      await here.run('wave close', [], { all: true, reason: 'freeze' });
    }
    const { code } = await here.run('wave close', [], { all: true, reason: 'freeze' });

    expect(code).toBe(0);
    expect(pull).toMatchObject({
      state: 'closed',
      comments: [{ body: expect.stringContaining('freeze') as string }],
    });
    expect(pull?.comments).toHaveLength(1);
    expect(here.github.violations).toEqual([]);
  });

  it('finds the comment of a run that was cut off behind 150 comments of people', async () => {
    const here = await worldAt('close', [1]);
    world = here;
    const [pull] = here.github.pulls;
    if (pull === undefined) throw new Error('nothing was opened');
    for (let number = 0; number < 150; number++) here.github.say(pull, `remark ${String(number)}`);

    here.github.loseNextAnswerTo = 'POST /repos/acme/r0/issues/1/comments';
    await here.run('wave close', [], { all: true, reason: 'freeze' });
    await here.run('wave close', [], { all: true, reason: 'freeze' });

    expect(pull.state).toBe('closed');
    expect(pull.comments.filter(({ author }) => author === 'meshwright[bot]')).toHaveLength(1);
    expect(here.github.violations).toEqual([]);
  });

  it('is not misled by forks that use its branch names', async () => {
    const here = await worldAt('first run', [1]);
    world = here;
    await here.run('wave open', [], runOptions);
    const [own] = here.github.pulls;
    if (own === undefined) throw new Error('nothing was opened');
    for (let number = 100; number < 120; number++)
      here.github.pulls.push({ ...own, number, isFork: true, state: 'closed', comments: [] });

    const { text } = await here.run('wave status', [], {});

    expect(text).toMatch(/open +n0-0@lab +joined +https:\/\/ghe\.example\.com\/acme\/r0\/pull\/1\n/);
  });

  it('looks at 300 targets with one query for every 40', async () => {
    const here = new WaveWorld(Array.from({ length: 60 }, () => 5));
    here.clock = new FakeClock();
    world = here;
    await here.start();

    const { code, json } = await here.run('wave status', [], {});

    expect(code).toBe(0);
    expect(json).toMatchObject({ summary: { moves: 600, next: 1, waiting: 599 } });
    expect(here.plan.seen).toEqual(Array.from({ length: 8 }, () => 'POST /graphql'));
  });

  it('answers for the targets it can see when a repository is missing', async () => {
    const here = await worldAt('first run', [1, 1]);
    world = here;
    const fleet = readFileSync(here.fleetFile, 'utf8');
    writeFileSync(here.fleetFile, fleet.replace('repository: acme/r1', 'repository: acme/gone'));

    const { code, json, problems } = await here.run('wave open', [], runOptions);

    expect(code).toBe(3);
    expect(problems).toMatchObject([{ rule: 'forge-not-found' }]);
    expect(json).toMatchObject({ summary: { opened: 1, failed: 1 } });
  });
});
