import { expect, it } from 'vitest';
import type { Remark } from '../../src/model/survey.ts';
import { attestationOf } from '../../src/waves/attestation.ts';

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
  state: 'success' | 'failure' | 'pending' | 'skipped',
  name = 'meshwright/verify',
): Remark => ({
  kind: 'status',
  name,
  at: at(minute),
  state,
});
const good = (minute: number) => ({ isGood: true, by: 'alice', at: Date.parse(at(minute)) });

it('takes a maintainer’s word, on a line of its own, after the merge', () => {
  expect(attestationOf([comment(5, '/meshwright verified')], mergedAt)).toEqual(good(5));
  expect(
    attestationOf([comment(5, 'Looked at Kiali.\r\n/meshwright verified\r\nThanks!')], mergedAt),
  ).toEqual(good(5));
  expect(attestationOf([comment(5, '/meshwright failed: 502s')], mergedAt)).toEqual({
    isGood: false,
    by: 'alice',
    at: Date.parse(at(5)),
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
    expect(attestationOf([remark], mergedAt), JSON.stringify(remark)).toBeUndefined();
});

it('takes a status of the merge commit', () => {
  expect(attestationOf([status(5, 'success')], mergedAt)).toEqual({
    isGood: true,
    by: 'meshwright/verify',
    at: Date.parse(at(5)),
  });
  expect(attestationOf([status(5, 'failure')], mergedAt)).toEqual({
    isGood: false,
    by: 'meshwright/verify',
    at: Date.parse(at(5)),
  });
});

it('lets the last word count, whatever order they are told in', () => {
  const words = [
    comment(5, '/meshwright verified'),
    status(7, 'failure'),
    comment(9, '/meshwright verified'),
  ];

  expect(attestationOf(words, mergedAt)).toEqual(good(9));
  expect(attestationOf([...words].reverse(), mergedAt)).toEqual(good(9));
  expect(attestationOf([...words, status(11, 'pending')], mergedAt)).toBeUndefined();
  expect(attestationOf([comment(5, '/meshwright verified'), status(5, 'failure')], mergedAt)?.isGood).toBe(
    false,
  );
  expect(attestationOf([status(5, 'failure'), comment(5, '/meshwright verified')], mergedAt)?.isGood).toBe(
    false,
  );
});

it.each([
  ['an HTML comment', '<!-- \n/meshwright WORD\n-->'],
  ['an HTML comment of several paragraphs', 'Thanks!\n\n<!--\n\n/meshwright WORD\n\n-->\nbye'],
  ['an HTML comment that never ends', 'Thanks!\n\n<!-- x\n\n/meshwright WORD'],
  ['a fence', '```\n/meshwright WORD\n```'],
  ['a fence with a language, in tildes, never closed', '~~~sh\n\n/meshwright WORD'],
  ['a longer fence', '````\n```\n/meshwright WORD\n````'],
  ['indented code', 'Try\n\n    /meshwright WORD'],
  ['a quotation', '> /meshwright WORD'],
  ['the lazy rest of a quotation', '> bob wrote\n/meshwright WORD'],
])('takes no word from %s', (_, text) => {
  for (const word of ['verified', 'failed'])
    expect(attestationOf([comment(5, text.replace('WORD', word))], mergedAt), word).toBeUndefined();
});

it.each([
  ['a list', '- a\n\n  /meshwright WORD'],
  ['markup that may hide it', '<details>\n\n/meshwright WORD\n\n</details>'],
  ['preformatted text', '<pre>\n\n/meshwright WORD\n</pre>'],
  ['an attribute', 'see <a title="\n/meshwright WORD\n">this</a>'],
  ['a link title', '[x](y "\n/meshwright WORD\n")'],
  ['code over several lines', 'as `x\n/meshwright WORD\n` says'],
  ['a fence in a quotation that ends before it', '> ```\n/meshwright WORD'],
  ['a comment within a line', 'fine <!-- \n/meshwright WORD\n-->'],
  ['struck-out text', '~~no\n/meshwright WORD\nno~~'],
])('takes in %s a word against, and no word for it', (_, text) => {
  expect(attestationOf([comment(5, text.replace('WORD', 'verified'))], mergedAt)).toBeUndefined();
  expect(attestationOf([comment(5, text.replace('WORD', 'failed'))], mergedAt)?.isGood).toBe(false);
});

it.each([
  ['after a quotation', '> works?\n\n/meshwright WORD'],
  ['after a fence', '```\nall green\n```\n/meshwright WORD'],
  ['after an HTML comment', '<!-- from the template -->\n/meshwright WORD'],
  ['after a list', '- pods are 2/2\n- 200\n\n/meshwright WORD'],
  ['after an address', 'see <https://grafana.example/d/1>\n\n/meshwright WORD'],
  ['slightly indented', '  /meshwright WORD  '],
  ['with a remark', '/meshwright WORD: curl exits with 56'],
])('takes a word %s', (_, text) => {
  expect(attestationOf([comment(5, text.replace('WORD', 'verified'))], mergedAt)?.isGood).toBe(true);
  expect(attestationOf([comment(5, text.replace('WORD', 'failed'))], mergedAt)?.isGood).toBe(false);
});

it('takes the bad word of a comment that has both, and half a word for none', () => {
  expect(attestationOf([comment(5, '/meshwright verified\n\n/meshwright failed')], mergedAt)?.isGood).toBe(
    false,
  );
  expect(attestationOf([comment(5, '/meshwright verified once CI is green')], mergedAt)).toBeUndefined();
  expect(attestationOf([comment(5, '/meshwright verified?')], mergedAt)).toBeUndefined();
});

it('dates a word against by its last edit, and a word for by its comment', () => {
  const turned = { ...comment(5, '/meshwright failed'), editedAt: at(9) };
  expect(attestationOf([turned, comment(7, '/meshwright verified')], mergedAt)?.isGood).toBe(false);
  const back = { ...comment(5, '/meshwright verified'), editedAt: at(9) };
  expect(attestationOf([back, comment(7, '/meshwright failed')], mergedAt)?.isGood).toBe(false);
  const folded = { ...comment(5, '/meshwright verified'), isMinimized: true };
  expect(attestationOf([folded], mergedAt)).toBeUndefined();
});

it('hears nothing in a check that was skipped, and no yes in one from before the merge', () => {
  expect(attestationOf([status(5, 'skipped')], mergedAt)).toBeUndefined();
  expect(attestationOf([comment(3, '/meshwright verified'), status(5, 'skipped')], mergedAt)).toEqual(
    good(3),
  );
  const early = (state: 'success' | 'failure') => ({ ...status(5, state), at: '2026-11-24T09:00:00Z' });
  expect(attestationOf([early('success')], mergedAt)).toBeUndefined();
  expect(attestationOf([early('failure')], mergedAt)?.isGood).toBe(false);
});

it('takes a word against whose time can’t be read, and no word for it', () => {
  expect(attestationOf([{ ...comment(5, '/meshwright verified'), at: 'soon' }], mergedAt)).toBeUndefined();
  const words = [{ ...comment(5, '/meshwright failed'), at: 'soon' }, comment(50, '/meshwright verified')];
  expect(attestationOf(words, mergedAt)?.isGood).toBe(false);
  expect(attestationOf([...words].reverse(), mergedAt)?.isGood).toBe(false);
});
