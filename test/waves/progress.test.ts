import { expect, it } from 'vitest';
import { progressOf, type Standing } from '../../src/waves/progress.ts';
import { schedule } from '../../src/waves/schedule.ts';

const wave = (name: string, ...namespaces: string[]) => ({
  name,
  why: '',
  namespaces: namespaces.map((each) => ({ name: each, why: '' })),
});
const steps = schedule(
  [wave('pilot', 'a'), wave('wave-1', 'b')],
  [
    { name: 'lab', clusters: [], namespaces: new Set(['a', 'b']) },
    { name: 'prod', clusters: [], namespaces: new Set(['a']) },
  ],
);
const at = (stage: Standing['stage'], open?: Standing['open']): Standing => ({ stage, open });
const states = (standings: Readonly<Record<string, Standing>>) =>
  progressOf(steps, new Map(Object.entries(standings))).map(
    ({ target, stage, state, url }) => `${target} ${stage} ${state}${url === undefined ? '' : ` ${url}`}`,
  );

it('shows the open pull request, and holds the next back until it is merged', () => {
  const open = at(undefined, { stage: 'joined', url: '/1' });

  expect(states({ 'a@lab': open, 'b@lab': at(undefined) })).toEqual([
    'a@lab joined open /1',
    'a@lab enforced waiting',
    'b@lab joined waiting',
    'b@lab enforced waiting',
  ]);
});

it('starts an environment when the one before it is through', () => {
  const before = { 'a@lab': at('enforced'), 'b@lab': at('joined'), 'a@prod': at(undefined) };

  expect(states(before).slice(-2)).toEqual(['a@prod joined waiting', 'a@prod enforced waiting']);
  expect(states({ ...before, 'b@lab': at('enforced') }).slice(-2)).toEqual([
    'a@prod joined next',
    'a@prod enforced waiting',
  ]);
});

it('counts a namespace that is enforced already as joined too', () => {
  expect(states({ 'a@lab': at('enforced') })).toEqual(['a@lab joined done', 'a@lab enforced done']);
});
