import { mkdtempSync, rmSync, writeFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CreationLog } from '../../src/adapters/creation-log.ts';
import { LimitReached, Pace, type Kind } from '../../src/adapters/pace.ts';
import type { ForgeLimits } from '../../src/model/fleet.ts';
import { FakeClock } from '../fakes/clock.ts';

const limits: ForgeLimits = {
  concurrency: 8,
  secondsBetweenWrites: 1,
  creationsPerMinute: 80,
  creationsPerHour: 500,
  pointsPerMinute: 900,
  patienceSeconds: 3 * 3600,
};
const read: Kind = { does: 'read', resource: 'core' };
const write: Kind = { does: 'write', resource: 'core' };
const creation: Kind = { does: 'creation', resource: 'core' };

let folder: string;
let clock: FakeClock;
let waits: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'meshwright-pace-'));
  clock = new FakeClock();
  waits = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function paceOf(more: Partial<ForgeLimits> = {}): Pace {
  const log = new CreationLog(folder, 'api.github.com');
  return new Pace({ ...limits, ...more }, clock, log, (why, until) => {
    waits.push(`${why} ${new Date(until).toISOString().slice(11, 19)}`);
  });
}

/** When each of `count` requests was sent, in seconds from the start. */
async function sent(pace: Pace, kind: Kind, count: number): Promise<readonly number[]> {
  const start = clock.now();
  const times: number[] = [];
  const one = () =>
    pace.turn(kind, () => {
      times.push((clock.now() - start) / 1000);
      return Promise.resolve();
    });
  await Promise.all(Array.from({ length: count }, one));
  return times;
}

/** The most events in any window of so many seconds. */
function most(times: readonly number[], seconds: number): number {
  return Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + seconds).length));
}

describe('before any limit bites', () => {
  it('leaves a second between two writes', async () => {
    expect(await sent(paceOf(), write, 4)).toEqual([0, 1, 2, 3]);
  });

  it('creates no more than 80 in any minute and 500 in any hour, and not less than it may', async () => {
    const times = await sent(paceOf({ secondsBetweenWrites: 0 }), creation, 700);

    expect(times).toHaveLength(700);
    expect(most(times, 60)).toBe(80);
    expect(most(times, 3600)).toBe(500);
    expect(times.filter((at) => at < 3600)).toHaveLength(500);
    expect(Math.max(...times)).toBeLessThan(3600 + 180);
    expect(waits).toContain('the limit of 500 new pull requests and comments an hour 11:00:00');
  });

  it('counts what another process on this machine created', async () => {
    await sent(paceOf({ secondsBetweenWrites: 0, creationsPerMinute: 10_000 }), creation, 400);

    const times = await sent(paceOf({ secondsBetweenWrites: 0, creationsPerMinute: 10_000 }), creation, 101);

    expect(times.filter((at) => at === 0)).toHaveLength(100);
    // The first of them was two minutes ago: 900 points a minute are 180 creations.
    expect(times.at(-1)).toBeCloseTo(3600 - 120, 1);
  });

  it('spends no more than 900 points a minute', async () => {
    const times = await sent(paceOf(), read, 2000);

    expect(most(times, 60)).toBe(900);
    expect(Math.max(...times)).toBeLessThan(121);
  });

  it('has no more requests under way than it may', async () => {
    const pace = paceOf({ concurrency: 3 });
    let now = 0;
    let highest = 0;
    const one = () =>
      pace.turn(read, async () => {
        highest = Math.max(highest, ++now);
        await new Promise((done) => setImmediate(done));
        now--;
      });

    await Promise.all(Array.from({ length: 20 }, one));

    expect(highest).toBe(3);
  });

  it('goes on where nothing can be remembered, and past a file that holds anything', async () => {
    const [name = ''] = readdirSync(folder);
    expect(name).toBe('');
    await sent(paceOf(), creation, 1);
    const [file = ''] = readdirSync(folder);
    writeFileSync(join(folder, file), 'garbage\n\u0000\n-1\n99999999999999\nNaN\n');
    expect(await sent(paceOf(), creation, 2)).toEqual([0, 1]);

    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the folder should be');
    const times = await sent(paceOf({ secondsBetweenWrites: 0, creationsPerMinute: 2 }), creation, 3);
    expect(times.slice(0, 2)).toEqual([0, 0]);
    expect(times[2]).toBeGreaterThan(59);
  });
});

describe('what GitHub says', () => {
  const refused = (headers: Record<string, string>, message = '') => ({ status: 403, headers, message });

  it('pauses everything for as long as it is asked to', async () => {
    const pace = paceOf();

    expect(pace.heed(creation, refused({ 'retry-after': '37' }))).toBe(true);

    expect(await sent(pace, read, 1)).toEqual([37]);
    expect(waits).toEqual(['GitHub asks for a pause 10:00:37']);
  });

  it('pauses a minute, then twice as long each time, where it is not told how long', async () => {
    const pace = paceOf();
    const secondary = refused({}, 'You have exceeded a secondary rate limit.');

    for (const seconds of [60, 120, 240]) {
      pace.heed(write, secondary);
      expect(await sent(pace, read, 1)).toEqual([seconds]);
    }
    pace.heed(write, { status: 200, headers: {}, message: '' });
    pace.heed(write, secondary);
    expect(await sent(pace, read, 1)).toEqual([60]);
  });

  it('waits for the reset when nothing remains, and only for that kind of request', async () => {
    const pace = paceOf();
    const reset = String(clock.now() / 1000 + 600);

    pace.heed(read, {
      status: 200,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
      message: '',
    });

    expect(await sent(pace, { does: 'read', resource: 'graphql' }, 1)).toEqual([0]);
    expect(await sent(pace, read, 1)).toEqual([601]);
  });

  it('knows a refusal that is about rights from one that is about limits', () => {
    const pace = paceOf();

    expect(pace.heed(read, refused({ 'x-ratelimit-remaining': '4000' }, 'Resource not accessible'))).toBe(
      false,
    );
    expect(pace.heed(read, { status: 404, headers: {}, message: '' })).toBe(false);
    expect(pace.heed(read, { status: 429, headers: {}, message: '' })).toBe(true);
  });

  it('ends with the time when nobody would wait that long', async () => {
    const pace = paceOf({ patienceSeconds: 60 });
    pace.heed(read, refused({ 'retry-after': '61' }));

    await expect(sent(pace, read, 1)).rejects.toThrow(
      new LimitReached('GitHub asks for a pause, until 10:01:01 UTC'),
    );
  });

  it('ends a wait when the person wants the run to end', async () => {
    const log = new CreationLog(folder, 'api.github.com');
    const tired = { now: () => clock.now(), sleep: () => Promise.resolve(false) };
    const pace = new Pace(limits, tired, log, () => undefined);
    pace.heed(read, refused({ 'retry-after': '37' }));

    await expect(pace.turn(read, () => Promise.resolve())).rejects.toThrow(/interrupted while waiting/);
  });
});

it('keeps every limit, whatever is asked in whatever order and whatever is answered', async () => {
  const kinds = fc.constantFrom(read, write, creation);
  const answers = fc.constantFrom('fine', 'fine', 'fine', 'fine', 'pause');
  const requests = fc.array(fc.tuple(kinds, fc.nat({ max: 3000 }), answers), {
    minLength: 1,
    maxLength: 150,
  });
  await fc.assert(
    fc.asyncProperty(requests, async (asked) => {
      rmSync(folder, { recursive: true, force: true });
      clock = new FakeClock();
      const pace = paceOf({ creationsPerMinute: 7, creationsPerHour: 40, patienceSeconds: 1e9 });
      const seen: { does: Kind['does']; at: number }[] = [];
      let closedUntil = 0;
      await Promise.all(
        asked.map(([kind, takes, answer]) =>
          pace.turn(kind, async () => {
            const at = clock.now();
            expect(at).toBeGreaterThanOrEqual(closedUntil);
            seen.push({ does: kind.does, at: at / 1000 });
            if (takes > 0) await clock.sleep(takes);
            if (answer === 'fine') return;
            // Requests under way already are no fault of anyone.
            closedUntil = Math.max(closedUntil, clock.now() + 20_000);
            pace.heed(kind, { status: 429, headers: { 'retry-after': '20' }, message: '' });
          }),
        ),
      );
      expect(seen).toHaveLength(asked.length);
      const of = (...does: string[]) => seen.filter((each) => does.includes(each.does)).map(({ at }) => at);
      expect(most([0, ...of('creation')], 60)).toBeLessThanOrEqual(8);
      expect(of('creation').length === 0 ? 0 : most(of('creation'), 60)).toBeLessThanOrEqual(7);
      expect(of('creation').length === 0 ? 0 : most(of('creation'), 3600)).toBeLessThanOrEqual(40);
      const writes = of('write', 'creation').sort((one, other) => one - other);
      for (const [index, at] of writes.slice(1).entries())
        expect(at - (writes[index] ?? 0)).toBeGreaterThanOrEqual(1);
    }),
    { numRuns: 60 },
  );
});
