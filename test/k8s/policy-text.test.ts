import { describe, expect, it } from 'vitest';
import {
  coversPolicyText,
  hasStarsThatCount,
  matchesPolicyNamespace,
  matchesPolicyText,
  matchesTrustDomain,
} from '../../src/k8s/policy-text.ts';

// https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule
it.each([
  ['abc', 'abc', true],
  ['abc', 'abcd', false],
  ['abc*', 'abcd', true],
  ['*abc', 'xabc', true],
  ['*', 'anything', true],
  ['*', '', false],
  ['a*c', 'abc', false],
  // Both ends: Istio looks at the first star alone.
  ['*abc*', 'xabcx', false],
  ['*abc*', 'xabc*', true],
])('%s is %s: %s', (pattern, text, is) => {
  expect(matchesPolicyText(pattern, text)).toBe(is);
});

describe('a pattern that is at least as wide as another', () => {
  const texts = ['', 'a', 'ab', 'abc', 'abcd', 'xabc', 'c', 'bc', 'xc', 'b*', 'xb*', 'b*x'];
  const patterns = ['*', 'a*', 'ab*', '*c', '*bc', 'abc', 'ab', '*b*', 'b*', '**', '*b'];

  it('matches all that the other matches', () => {
    for (const wide of patterns)
      for (const narrow of patterns)
        if (coversPolicyText(wide, narrow))
          for (const text of texts)
            if (matchesPolicyText(narrow, text))
              expect([wide, text, matchesPolicyText(wide, text)]).toContain(true);
  });

  it.each([
    ['*', 'a*', true],
    ['a*', 'ab*', true],
    ['*c', '*bc', true],
    ['a*', 'abc', true],
    ['ab*', 'a*', false],
    ['a*', '*', false],
    // What ends with a star of its own is no head.
    ['*b*', 'ab*', false],
  ])('%s holds %s: %s', (wide, narrow, is) => {
    expect(coversPolicyText(wide, narrow)).toBe(is);
  });
});

// Istio makes a regular expression of a namespace, with each star as `.*`.
it.each([
  ['shop', 'shop', true],
  ['shop', 'shopping', false],
  ['sh*p', 'shop', true],
  ['*sh*p*', 'my-shops', true],
  ['s*s', 's', false],
  ['*', 'shop', true],
  ['a*b*c', 'axbxc', true],
  ['a*b*c', 'acb', false],
])('the namespace %s takes %s: %s', (pattern, namespace, is) => {
  expect(matchesPolicyNamespace(pattern, namespace)).toBe(is);
});

it.each([
  ['td', 'td', true],
  ['*', 'td', true],
  ['*.example', 'eu.example', true],
  ['eu.*.example', 'eu.prod.example', true],
  ['eu.*', 'us.example', false],
  ['ab*ba', 'aba', false],
])('the trust domain %s takes %s: %s', (pattern, domain, is) => {
  expect(matchesTrustDomain(pattern, domain)).toBe(is);
});

it('a star counts at one end alone', () => {
  expect(['a', '*', 'a*', '*a', 'a*a', '*a*', '**'].map(hasStarsThatCount)).toEqual([
    ...[true, true, true, true],
    ...[false, false, false],
  ]);
});
