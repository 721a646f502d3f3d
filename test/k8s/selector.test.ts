import { describe, expect, it } from 'vitest';
import { selects } from '../../src/k8s/selector.ts';
import { selectsByText } from '../../src/k8s/selector-text.ts';

const objects: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  web: { app: 'web' },
  db: { app: 'db', tier: 'data' },
  five: { app: '5' },
  empty: { app: '' },
  bare: {},
};
const taken = (selector: string) =>
  Object.entries(objects).flatMap(([name, labels]) => (selectsByText(selector, labels) ? [name] : []));

// The answers are kustomize's, for the labelSelector of a patch.
describe('a selector written as a text', () => {
  it.each<[string, readonly string[]]>([
    ['', ['web', 'db', 'five', 'empty', 'bare']],
    ['app', ['web', 'db', 'five', 'empty']],
    ['!app', ['bare']],
    ['app=web', ['web']],
    ['app==web', ['web']],
    [' app = web ', ['web']],
    ['app=', ['empty']],
    ['app!=web', ['db', 'five', 'empty', 'bare']],
    ['app in (web,db)', ['web', 'db']],
    ['app in (web, )', ['web', 'empty']],
    ['app notin (web)', ['db', 'five', 'empty', 'bare']],
    ['app,app!=db', ['web', 'five', 'empty']],
    ['app=db,tier=data', ['db']],
    ['app>1', ['five']],
    ['app<1', []],
    ['app=in', []],
  ])('"%s"', (selector, names) => {
    expect(taken(selector)).toEqual(names);
  });

  it.each([
    'app=web,',
    ',app',
    'app in web',
    'app in (web',
    '!app=web',
    'app web',
    '(app)',
    'app=(x)',
    'toString',
  ])('"%s" takes nothing', (selector) => {
    expect(taken(selector)).toEqual([]);
  });
});

// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
it.each<[string, object, boolean]>([
  ['NotIn takes what has no such label', { key: 'tier', operator: 'NotIn', values: ['data'] }, true],
  ['In does not', { key: 'tier', operator: 'In', values: ['data'] }, false],
  ['Exists', { key: 'app', operator: 'Exists' }, true],
  ['an inherited name is no label', { key: 'toString', operator: 'Exists' }, false],
  ['DoesNotExist', { key: 'app', operator: 'DoesNotExist' }, false],
])('an expression: %s', (_, expression, is) => {
  expect(selects({ matchExpressions: [JSON.parse(JSON.stringify(expression))] }, { app: 'web' })).toBe(is);
});
