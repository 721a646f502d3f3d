import { describe, expect, it } from 'vitest';
import { argoProblem } from '../../src/flows/scan-texts.ts';
import { argoSources } from '../../src/k8s/argo-application.ts';
import { scanClusters, type ScannedFleet } from '../../src/flows/scan-clusters.ts';
import type { RepositoryId } from '../../src/model/named.ts';
import type { Problem } from '../../src/model/problem.ts';
import { charts } from '../fakes/charts.ts';
import { folderTree } from '../fakes/tree.ts';

type Files = Readonly<Record<string, string>>;

const source = (name: string, repo: string) =>
  `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {url: "ssh://git@github.com/${repo}", ref: {branch: main}}\n`;
const kustomization = (name: string, path: string, from = 'flux-system', more = '') =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec:\n  path: ./${path}\n  sourceRef: {kind: GitRepository, name: ${from}}\n${more}`;
const app = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  template:
    metadata: {labels: {app: ${name}}}
    spec: {serviceAccountName: ${name}, containers: [{name: c, image: x}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 8080}]}
`;
const namespace = (name: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;
const cluster = (name: string, apps: string) => ({
  [`clusters/${name}/flux-system/gotk-sync.yaml`]: `${source('flux-system', 'acme/fleet')}---\n${kustomization('flux-system', `clusters/${name}`)}`,
  [`clusters/${name}/apps.yaml`]: apps,
});

async function scan(
  repositories: Readonly<Record<string, Files>>,
  environments: readonly string[] = [],
  outputs: Readonly<Record<string, string>> = {},
): Promise<ScannedFleet & { readonly rules: readonly string[]; readonly problems: readonly Problem[] }> {
  const checkouts = Object.entries(repositories).map(([name, files]) => ({
    repository: name as RepositoryId,
    tree: folderTree(files),
  }));
  const found = await scanClusters(checkouts, environments, charts(outputs));
  if (!found.ok) throw new Error(JSON.stringify(found.problems));
  return { ...found.value, problems: found.problems, rules: found.problems.map(({ rule }) => rule) };
}

describe('checkouts of a platform', () => {
  it('an overlay of all applications gives each namespace its path, with the environment as a placeholder', async () => {
    const { clusters, namespaces, rules } = await scan({
      'acme/fleet': {
        ...cluster('staging', kustomization('apps', 'apps/staging')),
        ...cluster('production', kustomization('apps', 'apps/production')),
        'apps/staging/kustomization.yaml': 'resources: [../base/shop, ../base/pay]\n',
        'apps/production/kustomization.yaml': 'resources: [../base/shop]\n',
        'apps/base/shop/kustomization.yaml': 'namespace: shop\nresources: [ns.yaml, app.yaml]\n',
        'apps/base/shop/ns.yaml': namespace('shop'),
        'apps/base/shop/app.yaml': app('web'),
        'apps/base/pay/kustomization.yaml': 'namespace: pay\nresources: [app.yaml]\n',
        'apps/base/pay/app.yaml': app('ledger'),
      },
    });

    expect(clusters.map(({ name, environment }) => `${name} ${environment}`)).toEqual([
      'production production',
      'staging staging',
    ]);
    expect(namespaces).toMatchObject([
      {
        name: 'pay',
        repository: 'acme/fleet',
        path: 'apps/{environment}',
        environments: ['staging'],
        namespaceManifest: 'external',
        services: [{ name: 'ledger', serviceAccount: 'ledger', ports: [8080] }],
      },
      { name: 'shop', repository: 'acme/fleet', path: 'apps/{environment}', services: [{ name: 'web' }] },
    ]);
    expect(namespaces[1]).not.toHaveProperty('environments');
    expect(rules).toEqual([]);
  });

  it('an application of another repository is found through its source, and its Namespace where that is', async () => {
    const { namespaces } = await scan({
      'acme/fleet': {
        ...cluster(
          'lab',
          `${source('shop', 'acme/Shop')}---\n${kustomization('shop', 'deploy', 'shop', '  targetNamespace: shop\n')}---\n${kustomization('tenants', 'tenants')}`,
        ),
        'tenants/shop.yaml': namespace('shop'),
      },
      'acme/Shop': { 'deploy/app.yaml': app('web') },
    });

    expect(namespaces).toMatchObject([
      {
        name: 'shop',
        repository: 'acme/Shop',
        path: 'deploy',
        namespaceManifest: { repository: 'acme/fleet', path: 'tenants/shop.yaml' },
      },
    ]);
  });

  it('namespaces that hold only custom resources are named, and those of policies alone are not', async () => {
    const { namespaces, problems } = await scan({
      'acme/fleet': {
        ...cluster('lab', kustomization('all', 'all')),
        'all/kafka.yaml':
          'apiVersion: kafka.strimzi.io/v1\nkind: Kafka\nmetadata: {name: k, namespace: datastores}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: plain}\n---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: edge}\n',
      },
    });

    expect(namespaces).toEqual([]);
    expect(problems.map(({ message }) => message).join('\n')).toContain(
      'make pods of: datastores (Kafka); edge (Gateway).',
    );
  });

  it('a namespace that a HelmRelease creates gets a manifest, unless what was not read may have one', async () => {
    const release =
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cache, namespace: cache}\nspec: {install: {createNamespace: true}, chart: {spec: {chart: redis}}}\n';
    const files = (apps: string) => ({
      'acme/fleet': { ...cluster('lab', apps), 'one/app.yaml': release },
    });
    const known = await scan(files(kustomization('one', 'one')));
    const unknown = await scan(
      files(`${kustomization('one', 'one')}---\n${kustomization('two', 'two', 'elsewhere')}`),
    );

    expect(known.namespaces).toMatchObject([{ name: 'cache', namespaceManifest: 'create' }]);
    expect(unknown.namespaces).toMatchObject([{ name: 'cache', namespaceManifest: 'external' }]);
  });

  it('a namespace of Istio’s own charts alone is no application', async () => {
    const release = (name: string, chart: string, more: string) =>
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${name}, namespace: ${name}}\nspec: {chart: {spec: {chart: ${chart}, sourceRef: {kind: HelmRepository, name: ${more}}}}}\n`;
    const { namespaces, problems } = await scan({
      'acme/fleet': {
        ...cluster('lab', kustomization('all', 'all')),
        'all/edge.yaml': release('edge', 'gateway', 'istio'),
        'all/other.yaml': release('other', 'gateway', 'acme'),
      },
    });

    expect(namespaces.map(({ name }) => name)).toEqual(['other']);
    expect(problems.map(({ message }) => message).join('\n')).toContain('not an application: edge.');
  });

  it('a folder that becomes a repository of its own is named', async () => {
    const { problems } = await scan({
      'acme/mono': {
        'gitops/clusters/lab/apps.yaml': kustomization('apps', 'apps'),
        'gitops/apps/app.yaml': app('web'),
      },
    });

    expect(problems.find(({ rule }) => rule === 'scan-root-moved')?.message).toContain(
      'begin at gitops, not at the root of acme/mono',
    );
  });

  it('what Argo CD applies is read as far as path and repository go', () => {
    const application = (kind: string, spec: object) =>
      argoSources({ apiVersion: 'argoproj.io/v1alpha1', kind, metadata: { name: 'shop' }, spec } as never);
    const source = { repoURL: 'https://github.com/acme/shop', path: 'deploy/lab' };
    const destination = { namespace: 'shop' };
    const one = { name: 'shop', repository: source.repoURL, path: source.path, namespace: 'shop' };

    expect(application('Application', { source, destination })).toMatchObject([one]);
    expect(
      application('ApplicationSet', { template: { spec: { sources: [source], destination } } }),
    ).toMatchObject([one]);
    expect(argoProblem(application('Application', { source, destination }))[0]?.message).toContain(
      'Application shop (deploy/lab of https://github.com/acme/shop, into shop)',
    );
    expect(argoProblem(application('Rollout', { source }))).toEqual([]);
  });

  it('a folder that a Kustomization inside of it builds is an entry, whatever it is called', async () => {
    const { clusters, namespaces } = await scan({
      'acme/home': {
        'cluster/flux/primary.yaml': `${source('primary', 'acme/home')}---\n${kustomization('primary', 'cluster', 'primary')}`,
        'cluster/shop/app.yaml': app('web').replaceAll(
          'metadata: {name: web}',
          'metadata: {name: web, namespace: shop}',
        ),
        'other/kustomization.yaml': 'resources: [app.yaml]\n',
        'other/app.yaml': app('other'),
      },
    });

    expect(clusters.map(({ directory }) => directory)).toEqual(['cluster']);
    expect(namespaces.map(({ name, path }) => `${name} ${String(path)}`)).toEqual(['shop {environment}']);
  });

  it('another branch of the repository that the cluster comes from is not what the checkout shows', async () => {
    const { problems, namespaces } = await scan({
      'acme/fleet': {
        ...cluster(
          'lab',
          `${source('team', 'acme/fleet').replace('branch: main', 'branch: team')}---\n${kustomization('team', 'apps', 'team')}`,
        ),
        'apps/app.yaml': app('web').replaceAll(
          'metadata: {name: web}',
          'metadata: {name: web, namespace: shop}',
        ),
      },
    });

    expect(namespaces).toEqual([]);
    expect(problems.map(({ message }) => message).join('\n')).toContain(
      'takes branch team of acme/fleet, and the cluster is read from branch main',
    );
  });

  it('clusters of one environment are told apart by their names', async () => {
    const files = (name: string) => ({
      ...cluster(name, kustomization('apps', `apps/${name}`)),
      [`apps/${name}/kustomization.yaml`]: 'namespace: shop\nresources: [app.yaml]\n',
      [`apps/${name}/app.yaml`]: app('web'),
    });
    const { clusters, namespaces } = await scan({ 'acme/fleet': { ...files('eu'), ...files('us') } });

    expect(clusters).toHaveLength(2);
    expect(namespaces.map(({ path }) => path)).toEqual(['apps/{environment}']);
  });

  it('other paths are named, and what is not known is said: charts, and names that nobody knows', async () => {
    const release =
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cache, namespace: flux-system}\nspec: {targetNamespace: cache, chart: {spec: {chart: redis}}}\n';
    const { namespaces, places, rules } = await scan({
      'acme/fleet': {
        ...cluster(
          'lab',
          [
            kustomization('one', 'one'),
            kustomization('two', 'two'),
            kustomization(
              'secret',
              'secret',
              'flux-system',
              '  postBuild: {substituteFrom: [{kind: Secret, name: s}]}\n',
            ),
          ].join('---\n'),
        ),
        'one/kustomization.yaml': 'namespace: shop\nresources: [app.yaml]\n',
        'one/app.yaml': app('web'),
        'two/kustomization.yaml': 'namespace: shop\nresources: [app.yaml, release.yaml]\n',
        'two/app.yaml': `${app('cart')}---\n${app('more').split('---\n')[1] ?? ''}`,
        'two/release.yaml': release,
        'secret/kustomization.yaml': 'resources: [app.yaml]\n',
        'secret/app.yaml': app('x').replaceAll(
          'metadata: {name: x}',
          'metadata: {name: x, namespace: "${team}"}',
        ),
      },
    });

    expect(namespaces.map(({ name, path }) => `${name} ${String(path)}`)).toEqual(['cache two', 'shop two']);
    expect(namespaces[1]).toMatchObject({ otherPaths: ['one'] });
    expect(places.every(({ isTaken }) => isTaken)).toBe(true);
    expect(rules).toContain('scan-namespace-unknown');
    expect(rules).toContain('helm-release-unknown');
    expect(rules).not.toContain('scan-services-unknown');
  });

  it('a path that one cluster alone builds, or another repository, is said and not written', async () => {
    const shop = (name: string) => ({
      [`${name}/kustomization.yaml`]: 'namespace: shop\nresources: [app.yaml]\n',
      [`${name}/app.yaml`]: app(name),
    });
    const { namespaces, problems } = await scan({
      'acme/fleet': {
        ...cluster(
          'eu',
          `${source('team', 'acme/team')}---\n${['main', 'extra'].map((name) => kustomization(name, name)).join('---\n')}---\n${kustomization('team', 'deploy', 'team')}`,
        ),
        ...cluster('us', kustomization('main', 'main')),
        ...shop('main'),
        ...shop('extra'),
        'main/more.yaml': app('more'),
        'main/kustomization.yaml': 'namespace: shop\nresources: [app.yaml, more.yaml]\n',
      },
      'acme/team': shop('deploy'),
    });

    expect(namespaces[0]).not.toHaveProperty('otherPaths');
    const said = problems.filter(({ rule }) => rule === 'scan-several-directories');
    expect(said.map(({ message }) => message.includes(' too (2 objects)'))).toEqual([true, true]);
    expect(said.map(({ fix }) => fix).join('\n')).toContain('by a change in acme/team');
  });

  it('a chart that is rendered shows its Services, and the namespace is where its HelmRelease is', async () => {
    const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cache, namespace: flux-system}
spec:
  targetNamespace: cache
  chart: {spec: {chart: charts/cache, sourceRef: {kind: GitRepository, name: flux-system}}}
`;
    const { namespaces, places, rules } = await scan(
      {
        'acme/fleet': {
          ...cluster('lab', kustomization('releases', 'releases')),
          'releases/cache.yaml': release,
          'charts/cache/Chart.yaml': 'name: redis\nversion: 1.0.0\n',
        },
      },
      [],
      { redis: `---\n# Source: redis/templates/app.yaml\n${app('redis')}` },
    );

    expect(
      namespaces.map(({ name, path, services }) => [name, path, services?.map((each) => each.name)]),
    ).toEqual([['cache', 'releases', ['redis']]]);
    expect(places).toMatchObject([{ namespace: 'cache', directory: 'releases', objects: 3 }]);
    expect(rules.filter((rule) => rule.startsWith('helm-') || rule === 'scan-services-unknown')).toEqual([]);
  });

  it('the namespaces of the mesh and of Flux are left out, and that is said', async () => {
    const { namespaces, rules } = await scan({
      'acme/fleet': {
        ...cluster('lab', kustomization('mesh', 'mesh')),
        'mesh/kustomization.yaml': 'namespace: istio-system\nresources: [app.yaml]\n',
        'mesh/app.yaml': app('istiod'),
      },
    });

    expect(namespaces).toEqual([]);
    expect(rules).toEqual(['scan-reserved-namespace']);
  });
});

it('checkouts without an entry of a cluster define none', async () => {
  expect((await scan({ 'acme/shop': { 'deploy/app.yaml': app('web') } })).clusters).toEqual([]);
});
