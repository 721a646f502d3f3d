import { expect, it } from 'vitest';
import type { JsonObject } from '../../src/model/json.ts';
import { takesAllOf } from '../../src/lint/facts/match-cover.ts';

const prefix = (text: string): JsonObject => ({ uri: { prefix: text } });
const exact = (text: string): JsonObject => ({ uri: { exact: text } });
const vip: JsonObject = { headers: { vip: { exact: 'yes' } } };

it.each<[string, JsonObject, JsonObject]>([
  ['nothing said', {}, { ...prefix('/a'), ...vip }],
  ['the root', prefix('/'), vip],
  ['a shorter prefix', prefix('/a'), prefix('/ab')],
  ['a prefix of an exact path', prefix('/a'), exact('/a/b')],
  ['the same again', { ...exact('/a'), ...vip }, { ...vip, ...exact('/a') }],
  ['fewer conditions', vip, { ...vip, ...prefix('/a') }],
  ['a header that must only be there', { headers: { vip: {} } }, vip],
  ['more gateways', { gateways: ['mesh', 'a/b'] }, { gateways: ['a/b'] }],
  ['any case', { ...exact('/A'), ignoreUriCase: true }, exact('/a')],
  ['fewer exclusions', {}, { withoutHeaders: { vip: {} } }],
  ['a name that says nothing', { name: 'one' }, { name: 'two' }],
  ['a wildcard of server names', { sniHosts: ['*.a.com'] }, { sniHosts: ['x.a.com'] }],
])('%s takes all', (_, earlier, later) => {
  expect(takesAllOf(earlier, later)).toBe(true);
});

it.each<[string, JsonObject, JsonObject]>([
  ['a longer prefix', prefix('/ab'), prefix('/a')],
  ['an exact path', exact('/a'), prefix('/a')],
  ['a condition more', { ...prefix('/a'), ...vip }, prefix('/a')],
  ['another value', vip, { headers: { vip: { exact: 'no' } } }],
  ['one gateway', { gateways: ['mesh'] }, {}],
  ['case', exact('/a'), { ...exact('/a'), ignoreUriCase: true }],
  ['an exclusion', { withoutHeaders: { vip: {} } }, {}],
  ['an expression', { uri: { regex: '/a.*' } }, exact('/ab')],
  ['a port', { port: 80 }, { port: 443 }],
])('%s leaves something', (_, earlier, later) => {
  expect(takesAllOf(earlier, later)).toBe(false);
});
