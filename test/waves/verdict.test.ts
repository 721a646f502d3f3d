import { expect, it } from 'vitest';
import type { Remark } from '../../src/model/survey.ts';
import { verdictOf } from '../../src/waves/verdict.ts';

const mergedAt = '2026-11-24T10:00:00Z';
const at = (minute: number) => `2026-11-24T10:${String(minute).padStart(2, '0')}:00Z`;
const comment = (minute: number, text: string, isMaintainer = true): Remark => ({
  kind: 'comment',
  by: 'alice',
  isMaintainer,
  at: at(minute),
  text,
});
const status = (
  minute: number,
  state: 'success' | 'failure' | 'pending',
  name = 'meshwright/verify',
): Remark => ({
  kind: 'status',
  name,
  at: at(minute),
  state,
});
const good = { isGood: true, by: 'alice' };

it('takes a maintainer’s word, on a line of its own, after the merge', () => {
  expect(verdictOf([comment(5, '/meshwright verified')], mergedAt)).toEqual(good);
  expect(verdictOf([comment(5, 'Looked at Kiali.\r\n/meshwright verified\r\nThanks!')], mergedAt)).toEqual(
    good,
  );
  expect(verdictOf([comment(5, '/meshwright failed: 502s')], mergedAt)).toEqual({
    isGood: false,
    by: 'alice',
  });
});

it('takes no word from passers-by, from before the merge, in the middle of a line, or of another kind', () => {
  for (const remark of [
    comment(5, '/meshwright verified', false),
    { ...comment(5, '/meshwright verified'), at: '2026-11-24T09:59:59Z' },
    comment(5, 'please do not write /meshwright verified yet'),
    comment(5, '> /meshwright verified'),
    comment(5, '/meshwright verifiedish'),
    status(5, 'success', 'ci/build'),
  ])
    expect(verdictOf([remark], mergedAt), JSON.stringify(remark)).toBeUndefined();
});

it('takes a status of the merge commit', () => {
  expect(verdictOf([status(5, 'success')], mergedAt)).toEqual({ isGood: true, by: 'meshwright/verify' });
  expect(verdictOf([status(5, 'failure')], mergedAt)).toEqual({ isGood: false, by: 'meshwright/verify' });
});

it('lets the last word count, whatever order they are told in', () => {
  const words = [
    comment(5, '/meshwright verified'),
    status(7, 'failure'),
    comment(9, '/meshwright verified'),
  ];

  expect(verdictOf(words, mergedAt)).toEqual(good);
  expect(verdictOf([...words].reverse(), mergedAt)).toEqual(good);
  expect(verdictOf([...words, status(11, 'pending')], mergedAt)).toBeUndefined();
  expect(verdictOf([comment(5, '/meshwright verified'), status(5, 'failure')], mergedAt)?.isGood).toBe(false);
  expect(verdictOf([status(5, 'failure'), comment(5, '/meshwright verified')], mergedAt)?.isGood).toBe(false);
});
