import { expect, it } from 'vitest';
import { chartValues } from '../../src/flux/helm-values.ts';
import { readTree } from '../../src/kustomize/read-tree.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';

/** Values of a HelmRelease in namespace apps, beside what else is in the file. */
function valuesOf(spec: string, others = '') {
  const text = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: apps}
spec:
${spec.replace(/^/gm, '  ')}
${others}`;
  const { value } = readTree(repository({ 'a.yaml': text }), '' as RepoPath);
  const manifests = value?.manifests ?? [];
  const release = manifests.find(({ kind }) => kind === 'HelmRelease');
  if (release === undefined) throw new Error(JSON.stringify(value?.problems));
  return chartValues(release, manifests);
}

const configMap = (name: string, data: string) => `---
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: apps}
data:
${data.replace(/^/gm, '  ')}
`;

it('merges maps and replaces lists, the release itself last', () => {
  const { values } = valuesOf(
    'valuesFrom: [{kind: ConfigMap, name: one}, {kind: ConfigMap, name: two, valuesKey: prod.yaml}]\nvalues: {a: {c: own}}',
    configMap('one', 'values.yaml: |\n  a: {b: 1, c: 2, d: [1, 2]}\n  on: yes') +
      configMap('two', 'prod.yaml: |\n  a: {b: 9, d: [3]}\n  size: 010'),
  );

  expect(values).toEqual({ a: { b: 9, c: 'own', d: [3] }, true: true, size: 8 });
});

it('lets the own values win over a targetPath, except inside a map that nobody else gives', () => {
  const others = configMap('port', 'p: "80"') + configMap('file', 'values.yaml: |\n  web: {host: x}');
  const target = '{kind: ConfigMap, name: port, valuesKey: p, targetPath: web.port}';

  expect(valuesOf(`valuesFrom: [${target}]\nvalues: {web: {port: 1}}`, others).values).toEqual({
    web: { port: 80 },
  });
  expect(
    valuesOf(`valuesFrom: [{kind: ConfigMap, name: file}, ${target}]\nvalues: {web: {port: 1}}`, others)
      .values,
  ).toEqual({ web: { host: 'x', port: 1 } });
});

it('takes quotes for a text, and a literal as it is', () => {
  const { values } = valuesOf(
    `valuesFrom:
- {kind: ConfigMap, name: c, valuesKey: quoted, targetPath: a}
- {kind: ConfigMap, name: c, valuesKey: plain, targetPath: b}
- {kind: ConfigMap, name: c, valuesKey: plain, targetPath: c, literal: true}`,
    configMap('c', `quoted: "'5'"\nplain: "1,d=2"`),
  );

  expect(values).toEqual({ a: '5', b: 1, d: 2, c: '1,d=2' });
});

it('names Secrets and ConfigMaps that Git does not show, and marks the value that one sets', () => {
  const { values, unknown, refused } = valuesOf(
    `valuesFrom:
- {kind: Secret, name: db, valuesKey: password, targetPath: db.password}
- {kind: ConfigMap, name: cluster, optional: true}
values: {db: {user: web}}`,
  );

  expect(values).toEqual({ db: { user: 'web', password: '${Secret apps/db, key password}' } });
  expect(unknown.map(({ from, targetPath }) => [from, targetPath])).toEqual([
    ['Secret apps/db, key password', 'db.password'],
    ['ConfigMap apps/cluster, key values.yaml', undefined],
  ]);
  expect(refused).toEqual([]);
});

it('says where helm-controller refuses', () => {
  const { refused } = valuesOf(
    `valuesFrom:
- {kind: ConfigMap, name: c}
- {kind: ConfigMap, name: c, optional: true}
- {kind: ConfigMap, name: c, valuesKey: list}
- {kind: ConfigMap, name: c, valuesKey: text, targetPath: "a["}
- {kind: Deployment, name: c}`,
    configMap('c', 'list: "[1]"\ntext: x'),
  );

  expect(refused.map(({ path, why }) => [path.at(-1), why])).toEqual([
    [0, 'ConfigMap apps/c has no key values.yaml'],
    [2, 'ConfigMap apps/c, key list is not values: it is not a map'],
    [4, 'Deployment holds no values'],
  ]);
});
