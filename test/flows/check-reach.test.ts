import { describe, expect, it } from 'vitest';
import { loadFleet } from '../../src/fleet/load.ts';
import { reachCheck } from '../../src/flows/check-reach.ts';
import type { Bundle } from '../../src/model/bundle.ts';
import type { RepoPath, RepositoryId, TargetId } from '../../src/model/named.ts';
import { withChanges, withFiles } from '../../src/model/snapshot.ts';
import { FakeForge } from '../fakes/forge.ts';

const fleetText = (path: string, stage: string) => `version: 1
mesh: {istioVersion: 1.30.3, revision: stable, gateway: {serviceAccount: istio-ingressgateway}}
forge: {kind: local, directory: .forge}
clusterDefaults: {repository: acme/fleet, path: "clusters/{cluster}"}
environments:
  - {name: lab, domain: lab.example.com, clusters: [lab-1]}
  - {name: prod, domain: example.com, clusters: [prod-1]}
namespaces:
  - name: shop
    repository: acme/apps
    path: ${path}
    environments: [lab]
    stage: ${stage}
    services: [{name: web, ports: [80]}]
`;
const source = (name: string, repo: string) =>
  `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {url: "https://github.com/${repo}", ref: {branch: main}}\n`;
const kustomization = (name: string, path: string, from: string, more = '') =>
  `---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec:\n  path: ${path}\n  sourceRef: {kind: GitRepository, name: ${from}}\n${more}`;
const deployment = (name: string) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\nspec:\n  selector: {matchLabels: {app: ${name}}}\n  template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: c, image: x}]}}\n`;
const service = (name: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {selector: {app: ${name}}, ports: [{port: 80}]}\n`;

/** One base, an overlay for each environment, and a namespace beside them. */
const apps: Readonly<Record<string, string>> = {
  'base/kustomization.yaml': 'namespace: shop\nresources: [web.yaml]\n',
  'base/web.yaml': `${deployment('web')}---\n${service('web')}`,
  'lab/kustomization.yaml': 'resources: [../base]\n',
  'prod/kustomization.yaml': 'resources: [../base]\n',
};
const cluster = (name: string, more: string) => ({
  [`clusters/${name}/flux-system/gotk-sync.yaml`]: `${source('flux-system', 'acme/fleet')}${kustomization('flux-system', `clusters/${name}`, 'flux-system')}`,
  [`clusters/${name}/apps.yaml`]: `${source('apps', 'acme/apps')}${more}`,
});
const usual = {
  ...cluster('lab-1', kustomization('shop', 'lab', 'apps')),
  ...cluster('prod-1', kustomization('shop', 'prod', 'apps')),
};

/** What is said of a bundle for shop@lab that writes these files. */
async function said(
  changes: Readonly<Record<string, string>>,
  { path = 'lab', stage = 'joined', fleet = usual, files = apps, more = {}, hosts = '' } = {},
) {
  const text = fleetText(path, stage);
  // A cluster that the fleet does not generate: its entry is found.
  const other = text
    .replace(/clusterDefaults.*\n/, '')
    .replace('lab-1', 'lab-2')
    .replace('ports: [80]', `ports: [80], hosts: ["${hosts}"]`);
  const loaded = loadFleet(hosts === '' ? text : other, 'fleet.yaml');
  if (!loaded.ok) throw new Error(loaded.problems[0]?.message);
  const target = loaded.value.targets.find(({ id }) => id === 'shop@lab');
  const repository = 'acme/apps' as RepositoryId;
  const forge = new FakeForge({ 'acme/fleet': fleet, [repository]: files, ...more });
  const state = await forge.state(repository, undefined, undefined);
  if (!state.ok || target === undefined) throw new Error('the world is not whole');
  const tree = state.value.base;
  const read = await tree.read([...tree.snapshot.paths]);
  if (!read.ok) throw new Error(read.problems[0]?.message);
  const bundle: Bundle = {
    target: 'shop@lab' as TargetId,
    repository,
    changes: Object.entries(changes).map(([file, after]) => ({
      path: file as RepoPath,
      before: files[file],
      after,
    })),
    notes: [],
    conflicts: [],
    problems: [],
  };
  const after = withChanges(withFiles(tree.snapshot, read.value), bundle.changes);
  const entry = { repository: 'acme/fleet' as RepositoryId, directory: 'clusters/lab-2' as RepoPath };
  const check = reachCheck(loaded.value, forge, new Map([['lab-2', entry]]));
  const found = await check({ target, repository, tree, after, bundle });
  if (!found.ok) throw new Error(found.problems[0]?.message);
  return found.value.problems.map(({ rule, severity, message, file }) => ({ rule, severity, message, file }));
}
const added = (text: string) => ({
  'lab/policy.yaml': text,
  'lab/kustomization.yaml': 'resources: [../base, policy.yaml]\n',
});
const policy = (namespace: string) =>
  `apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: deny-all, namespace: ${namespace}}\nspec: {}\n`;

describe('what a bundle changes on the clusters of the fleet', () => {
  it('is the target’s own: nothing is said', async () => {
    expect(await said(added(policy('shop')))).toEqual([]);
  });

  const istio = (more = '') =>
    `${kustomization('shop', 'lab', 'apps', more)}${kustomization('mesh', 'mesh', 'flux-system')}`;
  const base =
    'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: istio-base, namespace: istio-system}\nspec: {chart: {spec: {chart: base, sourceRef: {kind: HelmRepository, name: istio}}}}\n';
  const orderOf = async (apps: string) =>
    (await said(added(policy('shop')), { fleet: { ...cluster('lab-1', apps), 'mesh/base.yaml': base } }))
      .filter(({ rule }) => rule.startsWith('flux-'))
      .map(({ rule, severity, message }) => `${severity} ${rule} ${message}`);

  it('before the types of the mesh exist: said, unless Flux waits for them', async () => {
    expect(await orderOf(istio())).toEqual([
      expect.stringMatching(
        /^warning flux-order Kustomization flux-system\/shop on lab-1 .* does not depend on flux-system\/mesh/,
      ),
    ]);
    expect(await orderOf(istio('  dependsOn: [{name: mesh}]\n'))).toEqual([
      expect.stringMatching(/^warning flux-wait Kustomization flux-system\/mesh installs the types/),
    ]);
    expect(await orderOf(`${istio('  dependsOn: [{name: mesh}]\n')}  wait: true\n`)).toEqual([]);
  });

  it('with a host at a gateway that nothing makes: said, with those that are there', async () => {
    const gateway = (name: string) =>
      `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: ${name}, namespace: istio-system}\nspec: {selector: {a: b}}\n`;
    const withHosts = (name: string) =>
      said(added(policy('shop')), {
        hosts: 'shop.lab.example.com',
        fleet: {
          'clusters/lab-2/flux-system/gotk-sync.yaml': `${source('flux-system', 'acme/fleet')}${kustomization('flux-system', 'clusters/lab-2', 'flux-system')}`,
          'clusters/lab-2/apps.yaml': `${source('apps', 'acme/apps')}${kustomization('shop', 'lab', 'apps')}`,
          'clusters/lab-2/edge.yaml': gateway(name),
        },
      });

    const found = await withHosts('edge');

    expect(found).toMatchObject([{ rule: 'shared-gateway-unknown', severity: 'warning' }]);
    expect(await withHosts('istio-shared-gateway')).toEqual([]);
  });

  it('in a mesh in ambient mode: refused where nothing asks for sidecars', async () => {
    const release = (name: string) =>
      `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${name}, namespace: istio-system}\nspec: {chart: {spec: {chart: ${name}}}}\n`;
    const labelled = (labels: string) =>
      `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {${labels}}}\n`;
    const on = (text: string) => ({ ...usual, 'clusters/lab-1/mesh.yaml': text });

    const refused = await said(added(policy('shop')), { fleet: on(release('ztunnel')) });

    expect(refused).toMatchObject([{ rule: 'mesh-ambient', severity: 'error' }]);
    expect(refused[0]?.message).toContain('HelmRelease "ztunnel", clusters/lab-1/mesh.yaml:3');
    expect(
      await said(added(policy('shop')), { fleet: on(release('ztunnel') + labelled('istio.io/rev: x')) }),
    ).toEqual([]);
    expect(await said(added(policy('shop')), { fleet: on(release('istiod')) })).toEqual([]);
  });

  it('and of another environment: refused, with the cluster and the Kustomization', async () => {
    const found = await said({
      'base/web.yaml': `${deployment('web').replace('image: x', 'image: y')}---\n${service('web')}`,
    });

    expect(found).toMatchObject([
      { rule: 'bundle-reaches-others', severity: 'error', file: 'base/web.yaml' },
    ]);
    expect(found[0]?.message).toContain('Deployment shop/web on prod-1');
    expect(found[0]?.message).toContain('flux-system/shop');
  });

  it('and of another namespace of the same cluster: refused', async () => {
    const found = await said(added(policy('pay')));

    expect(found).toMatchObject([{ rule: 'bundle-reaches-others', severity: 'error' }]);
    expect(found[0]?.message).toContain('AuthorizationPolicy pay/deny-all on lab-1');
  });

  it('and of a second Kustomization that builds the same directory elsewhere: refused', async () => {
    const fleet = {
      ...usual,
      ...cluster(
        'lab-1',
        `${kustomization('shop', 'lab', 'apps')}${kustomization('canary', 'lab', 'apps', '  targetNamespace: canary\n')}`,
      ),
    };

    expect((await said(added(policy('shop')), { fleet })).map(({ message }) => message).join()).toContain(
      'AuthorizationPolicy canary/deny-all',
    );
  });

  it('and breaks the build: refused, with the reason of Flux', async () => {
    const fleet = {
      ...usual,
      ...cluster('lab-1', kustomization('shop', 'lab', 'apps', '  postBuild: {substitute: {a: b}}\n')),
    };
    const text = policy('shop').replace(
      'spec: {}',
      'spec: {rules: [{to: [{operation: {paths: ["/${x}"]}}]}]}',
    );

    expect(await said(added(text), { fleet })).toMatchObject([
      { rule: 'bundle-breaks-build', severity: 'error', file: 'lab/policy.yaml' },
    ]);
  });

  it('on the way out is said, and goes on', async () => {
    const change = { 'base/web.yaml': deployment('web') };

    expect(await said(change, { stage: 'outside' })).toMatchObject([{ severity: 'warning' }]);
  });
});

describe('what the cluster builds of a namespace beside its directory', () => {
  it('another path than the fleet names: refused, with both', async () => {
    const found = await said({}, { path: 'old', files: { ...apps, 'old/web.yaml': deployment('web') } });

    expect(found).toMatchObject([
      { rule: 'namespace-path-differs', severity: 'error' },
      { rule: 'namespace-built-elsewhere' },
    ]);
    expect(found[0]?.message).toContain('names old of acme/apps');
    expect(found[0]?.message).toContain('builds it from lab of acme/apps');
    expect(found[0]?.message).toContain('acme/fleet clusters/lab-1/apps.yaml:');
  });

  const two = {
    fleet: {
      ...usual,
      ...cluster(
        'lab-1',
        `${kustomization('shop', 'lab', 'apps')}---\n${source('cart', 'acme/cart')}${kustomization('cart', './', 'cart', '  targetNamespace: shop\n')}`,
      ),
    },
    more: { 'acme/cart': { 'cart.yaml': deployment('cart') } },
  };

  it('workloads of another repository: they are not restarted by this, and that is said', async () => {
    const found = await said(added(policy('shop')), two);

    expect(found).toMatchObject([{ rule: 'namespace-built-elsewhere', severity: 'warning' }]);
    expect(found[0]?.message).toContain('Deployment "cart" of shop is built from the root of acme/cart');
  });

  it('which the policies of the namespace would cut off, where the fleet knows no service of theirs: refused', async () => {
    expect(await said(added(policy('shop')), { ...two, stage: 'enforced' })).toMatchObject([
      { rule: 'namespace-built-elsewhere', severity: 'error' },
    ]);
  });
});
