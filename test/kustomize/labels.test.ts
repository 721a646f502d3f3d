import { describe, expect, it } from 'vitest';
import { readTree } from '../../src/kustomize/read-tree.ts';
import { valueAt, type JsonValue } from '../../src/model/json.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';

function built(kustomization: string, objects: string): ReadonlyMap<string, JsonValue> {
  const snapshot = repository({
    'app/kustomization.yaml': `resources: [all.yaml]\n${kustomization}`,
    'app/all.yaml': objects,
  });
  const tree = readTree(snapshot, 'app' as RepoPath).value;
  return new Map(tree?.manifests.map(({ kind, name, built: value }) => [`${kind} ${name}`, value]));
}

const pods = '{spec: {serviceAccountName: sa, containers: []}}';
const object = (apiVersion: string, kind: string, name: string, spec: string) =>
  `---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const objects =
  object('v1', 'Service', 'open', '{ports: []}') +
  object('v1', 'ReplicationController', 'old', `{selector: {app: old}, template: ${pods}}`) +
  object('batch/v1', 'CronJob', 'night', `{jobTemplate: {spec: {template: ${pods}}}}`) +
  object('batch/v1', 'Job', 'once', `{selector: {matchLabels: {a: b}}, template: ${pods}}`) +
  object('apps.kruise.io/v1', 'DaemonSet', 'kruise', `{template: ${pods}}`) +
  object('apps.kruise.io/v1', 'StatefulSet', 'kruise', `{template: ${pods}}`) +
  object('argoproj.io/v1alpha1', 'Rollout', 'argo', `{template: ${pods}}`) +
  object('v1', 'Pod', 'bare', '{serviceAccountName: sa, containers: []}') +
  '---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa}\n';

// The answers are those of `kubectl kustomize`.
describe('commonLabels', () => {
  const values = built('commonLabels: {team: shop}\n', objects);

  it.each<[string, string, JsonValue | undefined]>([
    ['Service open', 'spec.selector', { team: 'shop' }],
    ['ReplicationController old', 'spec.selector', { app: 'old', team: 'shop' }],
    ['ReplicationController old', 'spec.template.metadata.labels', { team: 'shop' }],
    ['CronJob night', 'spec.jobTemplate.metadata.labels', { team: 'shop' }],
    ['CronJob night', 'spec.jobTemplate.spec.template.metadata.labels', { team: 'shop' }],
    ['CronJob night', 'spec.jobTemplate.spec.selector', undefined],
    ['Job once', 'spec.selector.matchLabels', { a: 'b', team: 'shop' }],
    ['DaemonSet kruise', 'spec.template.metadata.labels', { team: 'shop' }],
    ['StatefulSet kruise', 'spec.template.metadata', undefined],
    ['Rollout argo', 'spec.template.metadata', undefined],
    ['Pod bare', 'metadata.labels', { team: 'shop' }],
    ['Pod bare', 'spec.selector', undefined],
  ])('%s has at %s %j', (name, path, value) => {
    expect(valueAt(values.get(name), ...path.split('.'))).toEqual(value);
  });
});

describe('namePrefix', () => {
  const values = built('namePrefix: x-\n', objects);

  it.each([
    ['ReplicationController old', 'spec.template.spec', 'x-sa'],
    ['CronJob night', 'spec.jobTemplate.spec.template.spec', 'x-sa'],
    ['StatefulSet kruise', 'spec.template.spec', 'x-sa'],
    ['Pod bare', 'spec', 'x-sa'],
    ['Rollout argo', 'spec.template.spec', 'sa'],
  ])('%s runs at %s as %s', (name, path, account) => {
    expect(valueAt(values.get(name), ...path.split('.'), 'serviceAccountName')).toBe(account);
  });
});

describe('the labelSelector of a patch', () => {
  it.each([
    ['app!=web', ['db', 'bare']],
    ['app in (web,db)', ['web', 'db']],
    ['!app', ['bare']],
    ['app=', []],
  ])('%s', (selector, names) => {
    const values = built(
      `patches:\n- target: {kind: ConfigMap, labelSelector: "${selector}"}\n  patch: '[{"op": "add", "path": "/data/hit", "value": "yes"}]'\n`,
      ['{name: web, labels: {app: web}}', '{name: db, labels: {app: db}}', '{name: bare}']
        .map((metadata) => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: ${metadata}\ndata: {}\n`)
        .join(''),
    );

    const hit = [...values].filter(([, value]) => valueAt(value, 'data', 'hit') === 'yes');

    expect(hit.map(([name]) => name.replace('ConfigMap ', ''))).toEqual(names);
  });
});
