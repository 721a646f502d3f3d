import { expect, it } from 'vitest';
import { chartPlace } from '../../src/flux/chart-place.ts';
import { isSource, sourceKeyOf } from '../../src/flux/flux-object.ts';
import { helmRelease } from '../../src/flux/helm-release.ts';
import { readTree } from '../../src/kustomize/read-tree.ts';
import type { RepoPath, RepositoryId } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';

const here = 'acme/fleet' as RepositoryId;

function read(text: string) {
  const { value } = readTree(repository({ 'a.yaml': text }), '' as RepoPath);
  const objects = (value?.manifests ?? []).map((manifest) => ({ repository: here, manifest }));
  const [release] = objects.map(helmRelease).filter((each) => each !== undefined);
  if (release === undefined) throw new Error('no release');
  return { release, objects };
}

function placed(text: string) {
  const { release, objects } = read(text);
  return chartPlace(release, new Map(objects.filter(isSource).map((each) => [sourceKeyOf(each), each])));
}

const releaseOf = (spec: string, name = 'web', version = 'v2') =>
  `apiVersion: helm.toolkit.fluxcd.io/${version}\nkind: HelmRelease\nmetadata: {name: ${name}, namespace: flux-system}\nspec: ${spec}\n`;
const source = (kind: string, spec: string) =>
  `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: ${kind}\nmetadata: {name: charts, namespace: flux-system}\nspec: ${spec}\n`;

it.each([
  ['{}', 'web', 'web'],
  ['{targetNamespace: shop}', 'web', 'shop-web'],
  ['{targetNamespace: shop, releaseName: front}', 'web', 'front'],
  [
    '{targetNamespace: a-namespace-with-a-long-name}',
    'a-release-with-a-long-name-x',
    'a-namespace-with-a-long-name-a-release-w-a9c6a92e07ba',
  ],
])('%s names the release', (spec, name, expected) => {
  expect(read(releaseOf(spec, name)).release.releaseName).toBe(expected);
});

it('installs into the target namespace, and keeps its record where it says or where it is', () => {
  const one = read(releaseOf('{targetNamespace: shop, install: {createNamespace: true}}')).release;
  expect([one.releaseNamespace, one.storageNamespace, one.createsNamespace]).toEqual([
    'shop',
    'flux-system',
    true,
  ]);

  const other = read(
    releaseOf('{storageNamespace: x, install: {createNamespace: true}}', 'web', 'v2beta1'),
  ).release;
  expect([other.releaseNamespace, other.storageNamespace, other.createsNamespace]).toEqual([
    'flux-system',
    'x',
    false,
  ]);
});

it('finds a chart in a Helm repository, by its name and range', () => {
  const text = releaseOf(
    '{chart: {spec: {chart: podinfo, version: 6.x, sourceRef: {kind: HelmRepository, name: charts}}}}',
  );

  expect(placed(text + source('HelmRepository', '{url: "https://charts.example.com/"}'))).toMatchObject({
    kind: 'remote',
    chart: { url: 'https://charts.example.com', name: 'podinfo', version: '6.x' },
  });
  expect(placed(text + source('HelmRepository', '{type: oci, url: "oci://ghcr.io/acme"}'))).toMatchObject({
    kind: 'remote',
    chart: { url: 'oci://ghcr.io/acme/podinfo', name: undefined, version: '6.x' },
  });
  expect(placed(text)).toMatchObject({
    kind: 'unknown',
    why: 'nothing in Git defines HelmRepository flux-system/charts',
  });
  expect(placed(text + source('HelmRepository', '{url: "http://charts.example.com"}'))).toMatchObject({
    kind: 'unknown',
  });
  expect(
    placed(text + source('HelmRepository', '{url: "https://me:secret@charts.example.com"}')),
  ).toMatchObject({
    kind: 'unknown',
  });
  expect(
    placed(text + source('HelmRepository', '{url: "https://charts.example.com", suspend: true}')),
  ).toMatchObject({
    kind: 'frozen',
  });
});

it('follows a reference to an artifact, or to a HelmChart and its source', () => {
  const artifact = releaseOf('{chartRef: {kind: OCIRepository, name: charts}}');
  expect(
    placed(
      artifact + source('OCIRepository', '{url: "oci://ghcr.io/acme/web", ref: {tag: 1.2.3, semver: 1.x}}'),
    ),
  ).toMatchObject({
    chart: { url: 'oci://ghcr.io/acme/web', version: '1.x', digest: undefined },
  });
  expect(
    placed(
      artifact +
        source('OCIRepository', '{url: "oci://ghcr.io/acme/web", ref: {semver: 1.x, semverFilter: ".*-rc"}}'),
    ),
  ).toMatchObject({
    kind: 'unknown',
  });

  const chart = releaseOf('{chartRef: {kind: HelmChart, name: charts}}');
  expect(
    placed(
      chart +
        source(
          'HelmChart',
          '{chart: charts/web, valuesFiles: [v.yaml], sourceRef: {kind: GitRepository, name: app}}',
        ),
    ),
  ).toMatchObject({
    kind: 'folder',
    template: {
      chart: 'charts/web',
      valuesFiles: ['v.yaml'],
      source: { namespace: 'flux-system', name: 'app' },
    },
  });
});
