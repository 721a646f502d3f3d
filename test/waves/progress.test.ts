import { describe, expect, it } from 'vitest';
import type { Move } from '../../src/model/waves.ts';
import { progressOf, unjudged, type Asking, type MovePull, type Standing } from '../../src/waves/progress.ts';
import { schedule } from '../../src/waves/schedule.ts';

const wave = (name: string, ...namespaces: string[]) => ({
  name,
  why: '',
  namespaces: namespaces.map((each) => ({ name: each, why: '' })),
});
const steps = schedule(
  [wave('pilot', 'a'), wave('wave-1', 'b', 'c')],
  [
    { name: 'lab', clusters: [], namespaces: new Set(['a', 'b', 'c']) },
    { name: 'prod', clusters: [], namespaces: new Set(['a']) },
  ],
);
const now = Date.parse('2026-11-24T10:00:00Z');
const hour = 3600;
const asking: Asking = {
  gates: {
    soakSeconds: { infrastructure: 0, pilot: 72 * hour, wave: hour, strict: 24 * hour },
    verification: 'required',
    verified: [],
  },
  now,
  parallel: 1,
  again: new Set(),
};

let number = 0;
function pull(state: MovePull['state'], hoursAgo: number, more: Partial<MovePull> = {}): MovePull {
  const at = new Date(now - hoursAgo * hour * 1000).toISOString();
  const mergedAt = state === 'merged' ? at : undefined;
  return {
    number: ++number,
    url: `/${state}`,
    branch: 'x',
    state,
    createdAt: at,
    mergedAt,
    hasBranch: true,
    ...more,
  };
}

function standing(
  stage: Standing['stage'],
  pulls: Partial<Record<Move['stage'], MovePull>> = {},
  more: Partial<Standing> = {},
): Standing {
  const merged = Object.entries(pulls).map(
    ([of, each]) => [of, each.state === 'merged' ? [each] : []] as const,
  );
  return {
    stage,
    pulls: new Map(Object.entries(pulls)) as unknown as Standing['pulls'],
    merged: new Map(merged) as unknown as Standing['merged'],
    rollbacks: new Map(),
    related: new Map(),
    attestations: new Map(),
    ...more,
  };
}

/** Joined or enforced by a pull request merged long ago, and found good. */
function through(stage: 'joined' | 'enforced'): Standing {
  const joined = pull('merged', 200);
  const enforced = pull('merged', 100);
  const good = { isGood: true, by: 'alice', at: now };
  return standing(stage, stage === 'joined' ? { joined } : { joined, enforced }, {
    attestations: new Map([
      [joined.number, good],
      [enforced.number, good],
    ]),
  });
}

const untouched = standing(undefined);

function states(
  standings: Readonly<Record<string, Standing>>,
  more: Partial<Asking> = {},
): readonly string[] {
  const all = {
    'a@lab': untouched,
    'b@lab': untouched,
    'c@lab': untouched,
    'a@prod': untouched,
    ...standings,
  };
  return progressOf(steps, new Map(Object.entries(all)), { ...asking, ...more }).map(
    ({ target, stage, state, reason }) =>
      `${target} ${stage} ${state}${reason === undefined ? '' : `: ${reason}`}`,
  );
}

describe('one after the other', () => {
  it('has one namespace under way in a wave', () => {
    expect(states({ 'a@lab': through('enforced') }).slice(2, 6)).toEqual([
      'b@lab joined next',
      'c@lab joined waiting: until b@lab is joined',
      'b@lab enforced waiting: until b@lab is joined',
      'c@lab enforced waiting: until b@lab is joined',
    ]);
  });

  it('has as many under way as it is told, and everyone joins before anyone is enforced', () => {
    const two = { 'a@lab': through('enforced'), 'b@lab': standing(undefined, { joined: pull('open', 1) }) };

    expect(states(two, { parallel: 2 }).slice(2, 6)).toEqual([
      'b@lab joined open',
      'c@lab joined next',
      'b@lab enforced waiting: until b@lab is joined',
      'c@lab enforced waiting: until b@lab is joined',
    ]);
    expect(states(two).slice(2, 4)).toEqual([
      'b@lab joined open',
      'c@lab joined waiting: until b@lab is joined',
    ]);
  });

  it('starts an environment when the one before it is through', () => {
    const lab = { 'a@lab': through('enforced'), 'b@lab': through('enforced'), 'c@lab': through('joined') };

    expect(states(lab).slice(-2)).toEqual([
      'a@prod joined waiting: until c@lab is enforced',
      'a@prod enforced waiting: until c@lab is enforced',
    ]);
    expect(states({ ...lab, 'c@lab': through('enforced') }).slice(-2)).toEqual([
      'a@prod joined next',
      'a@prod enforced waiting: until a@prod is joined',
    ]);
  });

  it('holds up whatever comes after a target that could not be looked at', () => {
    const all = new Map(Object.entries({ 'b@lab': untouched, 'c@lab': untouched }));

    expect(progressOf(steps, all, asking).map(({ state, reason }) => `${state} ${reason ?? ''}`)).toEqual(
      Array.from({ length: 4 }, () => 'waiting until a@lab has been read'),
    );
  });
});

it('lets nobody take the place of one that could not be looked at and may be under way', () => {
  const all = new Map(
    Object.entries({ 'a@lab': through('enforced'), 'c@lab': untouched, 'a@prod': untouched }),
  );
  const state = (parallel: number) =>
    progressOf(steps, all, { ...asking, parallel }).find(({ target }) => target === 'c@lab')?.state;

  expect(state(1)).toBe('waiting');
  expect(state(2)).toBe('next');
});

describe('a merged move', () => {
  it('soaks, then wants someone to say that it works, then lets the next one through', () => {
    const merged = (hoursAgo: number) => ({
      'a@lab': standing('joined', { joined: pull('merged', hoursAgo) }),
    });

    expect(states(merged(71)).slice(0, 2)).toEqual([
      'a@lab joined soaking: soaks until 2026-11-24 11:00 UTC',
      'a@lab enforced waiting: until a@lab has soaked',
    ]);
    expect(states(merged(72)).slice(0, 2)).toEqual([
      'a@lab joined unverified: comment /meshwright verified, or set the status meshwright/verify',
      'a@lab enforced waiting: until a@lab is verified',
    ]);
    expect(states({ 'a@lab': through('joined') }).slice(0, 2)).toEqual([
      'a@lab joined done',
      'a@lab enforced next',
    ]);
  });

  it('needs no word where the fleet wants none', () => {
    const gates = { ...asking.gates, verification: 'none' as const };

    expect(states({ 'a@lab': standing('joined', { joined: pull('merged', 72) }) }, { gates })[0]).toBe(
      'a@lab joined done',
    );
  });

  it('is held when someone says that it failed, soaked or not', () => {
    const joined = pull('merged', 1);
    const attestations = new Map([[joined.number, { isGood: false, by: 'meshwright/verify', at: now }]]);

    expect(states({ 'a@lab': standing('joined', { joined }, { attestations }) }).slice(0, 2)).toEqual([
      'a@lab joined held: meshwright/verify reported a failure; roll it back, or verify it again',
      'a@lab enforced waiting: until a@lab is joined',
    ]);
  });

  it('is not through because others went on', () => {
    const joined = { 'a@lab': standing('joined', { joined: pull('merged', 1), enforced: pull('open', 0) }) };
    expect(states(joined).slice(0, 2)).toEqual([
      'a@lab joined soaking: soaks until 2026-11-27 09:00 UTC',
      'a@lab enforced open',
    ]);

    const soaked = {
      'a@lab': standing('joined', { joined: pull('merged', 100) }),
      'b@lab': through('enforced'),
    };
    expect(states(soaked).slice(0, 4)).toEqual([
      'a@lab joined unverified: comment /meshwright verified, or set the status meshwright/verify',
      'a@lab enforced waiting: until a@lab is verified',
      'b@lab joined done',
      'c@lab joined waiting: until a@lab is verified',
    ]);
  });

  it('was through at an earlier stage as well when it was found good at a later one', () => {
    const enforced = pull('merged', 80);
    const attestations = new Map([[enforced.number, { isGood: true, by: 'alice', at: now }]]);

    expect(states({ 'a@lab': standing('enforced', { enforced }, { attestations }) }).slice(0, 2)).toEqual([
      'a@lab joined done',
      'a@lab enforced done',
    ]);
    expect(states({ 'a@lab': standing('enforced', { enforced: pull('merged', 71) }) }).slice(0, 2)).toEqual([
      'a@lab joined soaking: soaks until 2026-11-24 11:00 UTC',
      'a@lab enforced soaking: soaks until 2026-11-24 11:00 UTC',
    ]);
  });

  it('is unknown when only its lock says that it was merged, until the operator states it', () => {
    const line = '{target: a@lab, stage: enforced, since: 2026-11-24, reason: how you know}';
    const stated = (since: string, stage: Move['stage'] = 'enforced') => ({
      gates: { ...asking.gates, verified: [{ target: 'a@lab', stage, since, reason: 'istioctl' }] },
    });
    const old = { 'a@lab': standing('enforced') };

    expect(states(old).slice(0, 3)).toEqual([
      `a@lab joined unknown: its lock says joined, but no merged pull request proves it; check the cluster, then add under gates.verified in fleet.yaml: ${line}`,
      `a@lab enforced unknown: its lock says enforced, but no merged pull request proves it; check the cluster, then add under gates.verified in fleet.yaml: ${line}`,
      'b@lab joined waiting: until something proves that a@lab is joined',
    ]);
    expect(states(old, stated('2026-11-20')).slice(0, 3)).toEqual([
      'a@lab joined done',
      'a@lab enforced done',
      'b@lab joined next',
    ]);
    expect(states(old, stated('2026-11-23'))[1]).toBe(
      'a@lab enforced soaking: soaks until 2026-11-27 00:00 UTC',
    );
    expect(states(old, stated('2026-11-25'))[1]).toMatch(/^a@lab enforced unknown/);
    expect(states(old, stated('2026-11-20', 'joined')).slice(0, 2)).toEqual([
      'a@lab joined done',
      expect.stringMatching(/^a@lab enforced unknown/),
    ]);
  });

  it('is verified by the operator only if it was not merged again, nor taken back, since', () => {
    const stated = {
      ...asking.gates,
      verified: [{ target: 'a@lab', stage: 'joined' as const, since: '2026-11-18', reason: 'r' }],
    };
    const merged = (hoursAgo: number) => ({
      'a@lab': standing('joined', { joined: pull('merged', hoursAgo) }),
    });

    expect(states(merged(140), { gates: stated })[0]).toBe('a@lab joined done');
    expect(states(merged(100), { gates: stated })[0]).toMatch(/^a@lab joined unverified/);
    const back = new Map([['outside', pull('merged', 90)]]) as unknown as Standing['rollbacks'];
    const takenBack = { 'a@lab': standing('joined', { joined: pull('merged', 140) }, { rollbacks: back }) };
    expect(states(takenBack, { gates: stated })[0]).toMatch(
      /^a@lab joined unknown: its lock says joined, but it has been rolled back since/,
    );
  });

  it('counts from the merge that came last, whatever else is open, closed, or was found good before', () => {
    const [first, second] = [pull('merged', 200), pull('merged', 10)];
    const good = { isGood: true, by: 'alice', at: now - 150 * hour * 1000 };
    const twice = (newest: MovePull, attestations: Standing['attestations']) => ({
      'a@lab': standing(
        'joined',
        { joined: newest },
        { merged: new Map([['joined', [first, second]]]), attestations },
      ),
    });
    const zero = { gates: { ...asking.gates, soakSeconds: { ...asking.gates.soakSeconds, pilot: 0 } } };

    for (const newest of [second, pull('closed', 1), pull('open', 1)]) {
      expect(states(twice(newest, new Map([[first.number, good]])))[0]).toMatch(/^a@lab joined soaking/);
      expect(states(twice(newest, new Map([[first.number, good]])), zero)[0]).toMatch(
        /^a@lab joined unverified/,
      );
      expect(states(twice(newest, new Map([[second.number, good]])), zero)[0]).toBe('a@lab joined done');
      const words = new Map([
        [first.number, { ...good, at: now }],
        [second.number, { ...good, isGood: false }],
      ]);
      expect(states(twice(newest, words), zero)[0]).toMatch(/^a@lab joined held/);
      const bad = new Map([[first.number, { ...good, isGood: false }]]);
      expect(states(twice(newest, bad), zero)[0]).toMatch(/^a@lab joined held: alice reported a failure/);
    }
  });

  it('has not soaked when the time of its merge is unknown', () => {
    const joined = { ...pull('merged', 100), mergedAt: 'last week' };

    expect(states({ 'a@lab': standing('joined', { joined }) })[0]).toBe(
      'a@lab joined unknown: the time of its merge is unknown',
    );
  });

  it('is not through while the pull request of its Namespace manifest is open', () => {
    const related = new Map([['joined', pull('open', 80)]]) as unknown as Standing['related'];

    expect(states({ 'a@lab': standing('joined', { joined: pull('merged', 80) }, { related }) })[0]).toBe(
      'a@lab joined open',
    );
    const closed = new Map([['joined', pull('closed', 80)]]) as unknown as Standing['related'];
    expect(
      states({ 'a@lab': standing('joined', { joined: pull('merged', 80) }, { related: closed }) })[0],
    ).toMatch(/^a@lab joined held: someone closed this pull request of the target/);
  });

  it('has every word looked up that a gate depends on', () => {
    const b = standing('joined', { joined: pull('merged', 5), enforced: pull('open', 1) });
    const standings = new Map(
      Object.entries({ 'a@lab': through('enforced'), 'b@lab': b, 'c@lab': untouched }),
    );

    expect(unjudged(steps, standings).map(({ target, stage }) => `${target} ${stage}`)).toEqual([
      'a@lab joined',
      'a@lab enforced',
      'b@lab joined',
    ]);
  });
});

describe('a no of a person', () => {
  it('holds a move whose pull request was closed, until its branch is gone', () => {
    const closed = (hasBranch: boolean) => ({
      'a@lab': standing(undefined, { joined: pull('closed', 1, { hasBranch }) }),
    });

    expect(states(closed(true))[0]).toMatch(/^a@lab joined held: someone closed it/);
    expect(states(closed(false))[0]).toBe('a@lab joined next');
  });

  it('holds a move that was rolled back, until someone names the target', () => {
    const rolledBack = standing(
      'joined',
      { joined: pull('merged', 200), enforced: pull('merged', 50) },
      { rollbacks: new Map([['joined', pull('merged', 2)]]) as unknown as Standing['rollbacks'] },
    );

    expect(states({ 'a@lab': rolledBack })[1]).toBe(
      'a@lab enforced held: it was rolled back; to try again, name it: meshwright wave open a@lab',
    );
    expect(states({ 'a@lab': rolledBack }, { again: new Set(['a@lab']) })[1]).toMatch(
      /^a@lab enforced (?:next|waiting)/,
    );
    const triedAgain = {
      ...rolledBack,
      pulls: new Map([...rolledBack.pulls, ['enforced', pull('open', 1)]]),
    };
    expect(states({ 'a@lab': triedAgain as Standing })[1]).toBe('a@lab enforced open');
  });

  it('holds a move that was merged and reverted, until someone names the target', () => {
    const reverted = { 'a@lab': standing(undefined, { joined: pull('merged', 100) }) };

    expect(states(reverted)[0]).toBe(
      'a@lab joined held: it was merged and then reverted; to try again, name it: meshwright wave open a@lab',
    );
    expect(states(reverted, { again: new Set(['a@lab']) })[0]).toBe('a@lab joined next');
  });

  it('holds what a pull request under way takes back', () => {
    const taken = standing(
      'enforced',
      { enforced: pull('merged', 50) },
      { rollbacks: new Map([['joined', pull('open', 2)]]) as unknown as Standing['rollbacks'] },
    );

    expect(states({ 'a@lab': taken })[1]).toBe(
      'a@lab enforced held: a pull request that rolls it back is open',
    );
  });
});
