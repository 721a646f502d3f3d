import { expect, it } from 'vitest';
import { setValue, type Value, type Values } from '../../src/flux/set-syntax.ts';
import type { JsonValue } from '../../src/model/json.ts';

function asJson(value: Value): JsonValue {
  if (Array.isArray(value)) return value.map(asJson);
  return value instanceof Map
    ? Object.fromEntries([...value].map(([key, member]) => [key, asJson(member)]))
    : value;
}

function set(line: string, how: 'typed' | 'text' = 'typed'): unknown {
  const values: Values = new Map();
  const why = setValue(values, line, how);
  return why ?? asJson(values);
}

it.each<[string, unknown]>([
  ['a=5', { a: 5 }],
  ['a=-5', { a: -5 }],
  ['a=0', { a: 0 }],
  ['a=007', { a: '007' }],
  ['a=1.5', { a: '1.5' }],
  ['a=TRUE', { a: true }],
  ['a=null', { a: null }],
  ['a=', { a: '' }],
  ['a=b=c', { a: 'b=c' }],
  ['a.b.c=x', { a: { b: { c: 'x' } } }],
  ['a=1,b=2', { a: 1, b: 2 }],
  ['a={x,2,true}', { a: ['x', 2, true] }],
  ['a={}', { a: [''] }],
  ['a[0]=x,a[2]=y', { a: ['x', null, 'y'] }],
  ['a[0].b=1,a[0].c=2', { a: [{ b: 1, c: 2 }] }],
  ['a[0][1]=x', { a: [[null, 'x']] }],
  ['a\\.b=1', { 'a.b': 1 }],
  ['a=x\\,y', { a: 'x,y' }],
  ['__proto__.x=1', JSON.parse('{"__proto__":{"x":1}}') as unknown],
  ['a=99999999999999999999', { a: '99999999999999999999' }],
  ['a[0', {}],
  ['a[0].b=', { a: [] }],
])('%s sets what helm --set sets', (line, expected) => {
  expect(set(line)).toEqual(expected);
});

it.each([
  ['a', 'has no value'],
  ['a,b=1', 'cannot end with ,'],
  ['a={x', "must terminate with '}'"],
  ['a[-1]=x', 'negative'],
  ['a[70000]=x', 'greater than 65536'],
  ['a[x]=1', 'is not an index'],
  ['a=1,a.b=2', 'is not a map'],
  ['a=1,a[0]=2', 'is not a list'],
  [`${'a.'.repeat(31)}b=1`, 'levels'],
])('%s is refused', (line, why) => {
  expect(set(line)).toContain(why);
});

it('leaves a text a text when it is quoted', () => {
  expect(set('a=5', 'text')).toEqual({ a: '5' });
});

it('follows no text that asks for endless lists', () => {
  const line = Array.from({ length: 5000 }, (_, index) => `a${String(index)}[65536]=x`).join(',');

  expect(set(line)).toContain('too long');
});
