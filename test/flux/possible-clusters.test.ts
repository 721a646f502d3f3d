import { describe, expect, it } from 'vitest';
import { readClusters } from '../../src/flows/read-clusters.ts';
import { describeResource } from '../../src/model/resource.ts';
import { folderTree } from '../fakes/tree.ts';

async function read(files: Readonly<Record<string, string>>, paths: readonly string[] = []) {
  const clusters = await readClusters([
    { tree: folderTree(files), nameOf: (path) => path, paths: paths as never[], targets: new Map() },
  ]);
  if (!clusters.ok) throw new Error(clusters.problems[0]?.message);
  return clusters.value;
}

/** The objects of each cluster. */
async function possibleClusters(files: Readonly<Record<string, string>>, paths: readonly string[] = []) {
  const { inventories } = await read(files, paths);
  return inventories.map(({ resources }) => resources.map(describeResource).sort());
}

const service = (name: string, namespace = 'shop') =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {ports: [{port: 80}]}\n`;
const kustomization = (...resources: string[]) => `resources: [${resources.join(', ')}]\n`;

describe('what is one cluster', () => {
  it('loose manifests of all folders, when no name occurs twice', async () => {
    expect(await possibleClusters({ 'a/x.yaml': service('x'), 'b/y.yaml': service('y') })).toEqual([
      ['Service shop/x', 'Service shop/y'],
    ]);
  });

  it('each environment with its own overlays of all applications, and what all share', async () => {
    const files = {
      'base/kustomization.yaml': kustomization('a.yaml'),
      'base/a.yaml': service('a'),
      'overlays/lab/kustomization.yaml': kustomization('../../base'),
      'overlays/prod/kustomization.yaml': kustomization('../../base', 'only.yaml'),
      'overlays/prod/only.yaml': service('only-prod'),
      'pay/overlays/lab/kustomization.yaml': kustomization('b.yaml'),
      'pay/overlays/lab/b.yaml': service('b', 'pay'),
      'pay/overlays/prod/kustomization.yaml': kustomization('b.yaml'),
      'pay/overlays/prod/b.yaml': service('b', 'pay'),
      'mesh/gateway.yaml': service('gateway', 'istio-system'),
    };

    expect(await possibleClusters(files)).toEqual([
      ['Service istio-system/gateway', 'Service pay/b', 'Service shop/a'],
      ['Service istio-system/gateway', 'Service pay/b', 'Service shop/a', 'Service shop/only-prod'],
    ]);
  });

  it('but each build of test data by itself, and each file where they are cases', async () => {
    const files = {
      'app/x.yaml': service('x'),
      'pkg/testdata/one/y.yaml': service('y'),
      'pkg/testdata/cases/first.yaml': service('z'),
      'pkg/testdata/cases/second.yaml': service('z').replace('v1', 'v2'),
    };

    expect(await possibleClusters(files)).toEqual([
      ['Service shop/x'],
      ['Service shop/z'],
      ['Service shop/z'],
      ['Service shop/y'],
    ]);
  });

  it('samples to choose from are not mixed, and each is read with what it does not replace', async () => {
    const files = {
      'samples/app.yaml': service('app'),
      'samples/v1.yaml': service('x'),
      'samples/v2.yaml': service('x'),
    };

    expect(await possibleClusters(files)).toEqual([
      ['Service shop/app', 'Service shop/x'],
      ['Service shop/app', 'Service shop/x'],
    ]);
  });

  it('a base is not a build of its own when an overlay includes it', async () => {
    const files = {
      'base/kustomization.yaml': kustomization('a.yaml'),
      'base/a.yaml': service('a'),
      'lab/kustomization.yaml': `namePrefix: lab-\n${kustomization('../base')}`,
    };

    expect(await possibleClusters(files)).toEqual([['Service shop/lab-a']]);
  });

  it('only what was asked for, with the bases it needs from elsewhere', async () => {
    const files = {
      'base/kustomization.yaml': kustomization('a.yaml'),
      'base/a.yaml': service('a'),
      'lab/kustomization.yaml': kustomization('../base'),
      'other/b.yaml': service('b'),
    };

    expect(await possibleClusters(files, ['lab'])).toEqual([['Service shop/a']]);
  });
});

describe('what is left out, and told', () => {
  it('templates of a Helm chart, but not its CRDs', async () => {
    const files = {
      'chart/Chart.yaml': 'name: x\n',
      'chart/values.yaml': 'kind: nothing\n',
      'chart/templates/a.yaml': 'kind: {{ .Values.kind }}\n',
      'chart/crds/c.yaml': service('crd'),
    };
    const { problems } = await read(files);

    expect(problems).toMatchObject([{ rule: 'helm-chart-skipped', severity: 'info', file: 'chart' }]);
    expect(await possibleClusters(files)).toEqual([['Service shop/crd']]);
  });

  it('a chart, but not each of the charts inside it', async () => {
    const files = { 'chart/Chart.yaml': 'name: x\n', 'chart/charts/part/Chart.yaml': 'name: y\n' };

    expect((await read(files)).problems).toMatchObject([{ rule: 'helm-chart-skipped', file: 'chart' }]);
  });

  it('what overlays share, once', async () => {
    const files = {
      'base/kustomization.yaml': 'resources: ["https://example.org/base"]\n',
      'lab/kustomization.yaml': kustomization('../base'),
      'prod/kustomization.yaml': kustomization('../base'),
    };

    expect((await read(files)).problems).toMatchObject([
      { rule: 'kustomize-remote', file: 'base/kustomization.yaml' },
    ]);
  });

  it.each(['args: [\n__MORE__\n  "x"]', 'clusterIP: {PREFIX}.16', '{% if x %}\nkind: x'])(
    'another kind of template: %j',
    async (text) => {
      expect((await read({ 'a.yaml': text })).problems).toMatchObject([
        { rule: 'template-skipped', severity: 'info' },
      ]);
    },
  );

  it('a template elsewhere', async () => {
    expect((await read({ 'a.yaml': 'kind: {{ kind }}\nx: {{ y }}\n' })).problems).toMatchObject([
      { rule: 'template-skipped', severity: 'info', file: 'a.yaml' },
    ]);
  });

  it('folders that begin with a dot, in silence', async () => {
    expect(await possibleClusters({ '.github/x.yaml': service('x'), 'y.yaml': service('y') })).toEqual([
      ['Service shop/y'],
    ]);
  });

  it('broken YAML is an error with its place, and the rest is read', async () => {
    const files = { 'a.yaml': 'kind: Service\n  x: y\n', 'b.yaml': service('b') };

    expect((await read(files)).problems[0]).toMatchObject({
      rule: 'yaml-syntax',
      severity: 'error',
      file: 'a.yaml',
      line: 1,
      column: 7,
    });
    expect(await possibleClusters(files)).toEqual([['Service shop/b']]);
  });

  it('kustomizations that include each other do not hang it', async () => {
    const files = {
      'a/kustomization.yaml': kustomization('../b'),
      'b/kustomization.yaml': kustomization('../a'),
    };

    expect((await read(files)).problems.map(({ rule }) => rule)).toContain('kustomize-cycle');
  });
});

describe('a finding stands where its value is written', () => {
  it('in the patch that writes it, and in the base for everything else', async () => {
    const { inventories } = await read({
      'base/kustomization.yaml': kustomization('a.yaml'),
      'base/a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n    team: web\n',
      'lab/kustomization.yaml': 'resources: [../base]\npatches:\n- path: patch.yaml\n',
      'lab/patch.yaml':
        'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n    istio.io/rev: stable\n',
    });
    const namespace = inventories[0]?.namespace('shop');

    expect(namespace?.rangeOf(['metadata', 'labels', 'istio.io/rev'])).toEqual({
      file: 'lab/patch.yaml',
      line: 6,
      column: 19,
      endLine: 6,
      endColumn: 25,
    });
    expect(namespace?.rangeOf(['metadata', 'labels', 'team'], 'key')).toMatchObject({
      file: 'base/a.yaml',
      line: 6,
      column: 5,
    });
    expect(namespace?.sourceOf(['metadata', 'labels', 'istio.io/rev'])).toBeUndefined();
    expect(namespace?.sourceOf(['metadata', 'labels', 'team'])).toMatchObject({ file: 'base/a.yaml' });
  });

  it('in an item of a List', async () => {
    const { inventories } = await read({
      'a.yaml':
        'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: shop}\n',
    });

    expect(inventories[0]?.namespace('shop')?.rangeOf(['metadata', 'name'])).toMatchObject({
      line: 6,
      column: 20,
    });
  });
});
