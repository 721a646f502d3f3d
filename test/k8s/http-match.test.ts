import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import {
  coversString,
  coversUri,
  isCatchAllMatch,
  isCatchAllRoute,
  matchesString,
  matchesUri,
} from '../../src/k8s/http-match.ts';

const uri = (value: JsonObject, more: JsonObject = {}): JsonObject => ({ uri: value, ...more });

// https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPMatchRequest
it.each<[string, JsonObject, string | undefined, boolean | undefined]>([
  ['no condition', {}, undefined, true],
  ['an empty condition', uri({}), undefined, true],
  ['the root', uri({ prefix: '/' }), undefined, true],
  ['any expression that is plainly for all', uri({ regex: '/.*' }), undefined, true],
  ['another expression, which is not tried', uri({ regex: '/a.*' }), '/ab', undefined],
  ['an exact path', uri({ exact: '/a' }), '/a', true],
  ['a path in another case', uri({ exact: '/A' }), '/a', false],
  ['a path in any case', uri({ prefix: '/A' }, { ignoreUriCase: true }), '/ab', true],
  ['a path that is not known', uri({ prefix: '/a' }), undefined, undefined],
])('%s', (_, match, path, is) => {
  expect(matchesUri(match, path)).toBe(is);
});

it.each<[string, JsonObject | undefined, string | undefined, boolean | undefined]>([
  ['no condition', undefined, undefined, true],
  ['exact', { exact: 'GET' }, 'GET', true],
  ['prefix', { prefix: 'G' }, 'POST', false],
  ['a slash is a text like others, but for paths', { prefix: '/' }, 'GET', false],
  ["Istio's own star", { regex: '*' }, 'GET', true],
  ['an expression', { regex: 'G.T' }, 'GET', undefined],
])('a text and %s', (_, wanted, text, is) => {
  expect(matchesString(wanted, text)).toBe(is);
});

// Istio moves these, and no others, behind all other routes of a host.
it.each<[string, JsonObject, boolean]>([
  ['nothing', {}, true],
  ['the prefix /', uri({ prefix: '/' }), true],
  ['the expression .*', uri({ regex: '.*' }), true],
  ['the expression /.*, which takes everything all the same', uri({ regex: '/.*' }), false],
  ['a port', uri({ prefix: '/' }, { port: 80 }), true],
  ['labels of clients', uri({ prefix: '/' }, { sourceLabels: { app: 'web' } }), true],
  ['gateways', uri({ prefix: '/' }, { gateways: ['shop/public'] }), true],
  ['a name', { name: 'all' }, true],
  ['no headers', uri({ prefix: '/' }, { headers: {} }), true],
  ['a header', uri({ prefix: '/' }, { headers: { vip: { exact: 'yes' } } }), false],
  ['a method', { method: { exact: 'GET' } }, false],
  ['another path', uri({ prefix: '/a' }), false],
])('a match with %s is for everything: %s', (_, match, is) => {
  expect(isCatchAllMatch(match)).toBe(is);
  expect(isCatchAllRoute({ match: [match] })).toBe(is);
});

it('a route without a match is for everything', () => {
  expect(isCatchAllRoute({ route: [] })).toBe(true);
});

it.each<[string, JsonObject, JsonObject, boolean]>([
  ['the expression /.* takes every path', uri({ regex: '/.*' }), uri({ prefix: '/a' }), true],
  [
    'case is no matter of expressions',
    uri({ regex: '/A' }, { ignoreUriCase: true }),
    uri({ regex: '/a' }),
    false,
  ],
  ['a prefix takes a longer one', uri({ prefix: '/a' }), uri({ prefix: '/ab' }), true],
])('%s', (_, wanted, given, is) => {
  expect(coversUri(wanted, given)).toBe(is);
});

it("Istio's own star takes every text that is there", () => {
  expect(coversString({ regex: '*' }, { exact: 'yes' })).toBe(true);
});
