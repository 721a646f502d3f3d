import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Repositories } from '../../src/flux/build.ts';
import { builtCluster } from '../../src/flux/built-cluster.ts';
import { readTree } from '../../src/kustomize/read-tree.ts';
import type { RepoPath, RepositoryId } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';
import { brokenTrees } from '../kustomize/broken-trees.ts';
import { randomTree } from '../kustomize/random-trees.ts';
import { runs } from '../sampling.ts';
import { fluxBuilds } from './harness/flux.ts';

/** Objects that applications are made of, without anything that kustomize fills in by itself. */
const objects = {
  deployment: `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: c, image: "x:1"}]}
`,
  service:
    'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{name: http, port: 80}]}\n',
  account: 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web}\n',
  namespace: 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: "${team:=blue}"}}\n',
  placed:
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: elsewhere}\ndata: {cluster: "${cluster}", size: "${n}", raw: "$${x}"}\n',
  left: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: left, annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}}\ndata: {x: "${cluster}"}\n',
  route:
    'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web}\nspec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}\n',
  release:
    'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cache, namespace: flux-system}\nspec: {targetNamespace: "${cluster}"}\n',
};
const names = Object.keys(objects) as (keyof typeof objects)[];
const listed = (files: readonly string[], more: string) =>
  `${more}resources:\n${files.map((file) => `- ${file}.yaml\n`).join('')}`;

const layout = fc
  .record({
    used: fc.subarray(names, { minLength: 1 }),
    own: fc.constantFrom(
      '',
      'namePrefix: dev-\n',
      'namespace: inner\n',
      'nameSuffix: -x\nnamespace: inner\n',
      'labels: [{pairs: {tier: front}}]\n',
    ),
    kind: fc.constantFrom('file', 'autodetected', 'nested', 'component'),
  })
  .map(({ used, own, kind }): Readonly<Record<string, string>> => {
    const texts = (folder: string) =>
      Object.fromEntries(used.map((name) => [`${folder}/${name}.yaml`, objects[name]]));
    if (kind === 'autodetected') return texts('apps/lab');
    if (kind === 'file') return { ...texts('apps/lab'), 'apps/lab/kustomization.yaml': listed(used, own) };
    if (kind === 'nested')
      return {
        ...texts('base'),
        'base/kustomization.yaml': listed(used, own),
        'apps/lab/kustomization.yml': 'resources: [../../base]\n',
      };
    return {
      ...texts('base'),
      'base/kustomization.yaml': listed(used, ''),
      'part/kustomization.yaml':
        'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{target: {kind: Service}, patch: "[{op: add, path: /spec/type, value: NodePort}]"}]\n',
      'apps/lab/kustomization.yaml': `${own}resources: [../../base]\ncomponents: [../../part]\n`,
    };
  });

const spec = fc.record(
  {
    targetNamespace: fc.constantFrom('shop', 'other'),
    namePrefix: fc.constant('p-'),
    nameSuffix: fc.constant('-s'),
    patches: fc.constantFrom(
      [
        {
          patch: '[{"op": "add", "path": "/spec/type", "value": "LoadBalancer"}]',
          target: { kind: 'Service' },
        },
      ],
      [{ patch: 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort}\n' }],
      [
        {
          patch: '[{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]',
          target: { kind: 'ConfigMap', name: 'p-settings' },
        },
      ],
    ),
    postBuild: fc.constantFrom(
      { substitute: { cluster: 'lab', n: '5' } },
      { substitute: { cluster: 'yes', n: 'a b', team: 'red' } },
      { substitute: {} },
    ),
  },
  { requiredKeys: [] },
);

function kustomizationOf(spec: object) {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: 'apps', namespace: 'flux-system' },
    spec: { sourceRef: { kind: 'GitRepository', name: 'flux-system' }, ...spec },
  };
}

/** One directory, as people write it in a path. */
const written = fc.constantFrom(
  './apps/lab',
  'apps/lab/',
  '/apps/lab',
  '../../apps/lab',
  'x/../../apps/./lab',
);

it('builds object for object what kustomize-controller builds, or refuses what it refuses', () => {
  const cases = fc
    .sample(fc.tuple(layout, spec, written), { numRuns: runs(400, 60) })
    .map(([files, more, path]) => {
      return { files, kustomization: kustomizationOf({ path, ...more }) };
    });
  const judged = fluxBuilds(cases);
  let refusals = 0;
  for (const [index, { files, kustomization }] of cases.entries()) {
    const { text, refused } = judged[index] ?? { text: undefined, refused: 'no answer' };
    const ours = built(files, kustomization);
    const about = `${JSON.stringify(files, undefined, 1)}\n${JSON.stringify(kustomization.spec)}\n${refused}`;
    if (text === undefined) refusals++;
    if (text === undefined) expect(ours.state, about).toBe('failed');
    else expect(ours.objects, about).toEqual(objectsIn(text));
  }
  expect(refusals).toBeLessThan(cases.length / 2);
});

it('refuses what Flux refuses of trees that are broken at random, and nothing else', () => {
  const trees = fc.sample(randomTree, { numRuns: runs(1500, 100) });
  const kustomization = kustomizationOf({ path: './top' });
  const judged = fluxBuilds(trees.map((files) => ({ files, kustomization })));
  let refusals = 0;
  for (const [index, files] of trees.entries()) {
    const { text, refused } = judged[index] ?? { text: undefined, refused: 'no answer' };
    const { value } = readTree(repository(files), 'top' as RepoPath);
    const errors = value?.problems.filter(({ severity }) => severity === 'error') ?? [];
    if (text === undefined) refusals++;
    expect(
      errors.length > 0,
      `${JSON.stringify(files, undefined, 1)}\n${refused}\n${JSON.stringify(errors)}`,
    ).toBe(text === undefined);
  }
  expect(refusals).toBeGreaterThan(trees.length / 5);
  expect(refusals).toBeLessThan(trees.length * 0.8);
});

it.each(Object.entries(brokenTrees))('refuses %s, as Flux does', (_, { files }) => {
  const [judged] = fluxBuilds([{ files, kustomization: kustomizationOf({ path: './top' }) }]);

  expect(judged?.text).toBeUndefined();
});

/** Our own build of the same. */
function built(
  files: Readonly<Record<string, string>>,
  kustomization: unknown,
): { state: string; objects: unknown } {
  const snapshot = repository({ ...files, 'entry/apps.yaml': JSON.stringify(kustomization) });
  const here = 'acme/fleet' as RepositoryId;
  const repositories: Repositories = {
    repositoryOf: () => here,
    snapshotOf: () => ({ snapshot, branch: undefined }),
  };
  // The source is the one that flux bootstrap makes.
  const { value } = builtCluster({ repository: here, directory: 'entry' as RepoPath }, repositories);
  const build = value?.builds.find(({ id }) => id === 'flux-system/apps');
  const all = build?.objects.map(({ manifest }) => manifest.built) ?? [];
  return { state: build?.state ?? '', objects: sorted(all) };
}

function objectsIn(text: string): unknown {
  return sorted(parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as unknown));
}

function sorted(values: readonly unknown[]): unknown {
  return values.map((value) => JSON.stringify(canonical(value))).sort();
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, member]) => [key, canonical(member)]),
  );
}
