import { expect, it } from 'vitest';
import { builtCluster, objectsByNamespace } from '../../src/flux/built-cluster.ts';
import type { ChartAnswer, ChartRequest } from '../../src/model/charts.ts';
import type { RepoPath, RepositoryId } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';

const here = 'acme/fleet' as RepositoryId;
const source = `---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: fleet, namespace: flux-system}
spec: {url: "https://git.example/acme/fleet", ref: {branch: main}}
`;
const release = (more = '') => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cache, namespace: flux-system}
spec:
  targetNamespace: shop
  chart: {spec: {chart: ./charts/cache, sourceRef: {kind: GitRepository, name: fleet}}}
${more}`;
const chart = { 'charts/cache/Chart.yaml': 'apiVersion: v2\nname: cache\nversion: 1.0.0\n' };
const output = `---
# Source: cache/crds/thing.yaml
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec: {group: example.com, scope: Cluster, names: {kind: Thing}, versions: [{name: v1, served: true}]}
---
# Source: cache/templates/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop-cache}
spec: {template: {metadata: {labels: {app: cache}}, spec: {containers: [{name: c, image: "docker.io/redis:7"}]}}}
---
# Source: cache/templates/thing.yaml
apiVersion: example.com/v1
kind: Thing
metadata: {name: one}
---
# Source: cache/templates/elsewhere.yaml
apiVersion: v1
kind: List
items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: cache, namespace: monitoring}}]
---
# Source: cache/templates/migrate.yaml
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {helm.sh/hook: pre-install}}
---
# Source: cache/templates/clean.yaml
apiVersion: batch/v1
kind: Job
metadata: {name: clean, annotations: {helm.sh/hook: post-delete}}
`;

/** The build of the release, and what was asked for. */
function built(
  files: Readonly<Record<string, string>>,
  answer: ChartAnswer = { kind: 'rendered', text: output },
) {
  const snapshot = repository(files);
  const asked = new Map<string, ChartRequest>();
  for (let round = 0; round < 9; round++) {
    const { value, charts } = builtCluster(
      { repository: here, directory: 'clusters/lab' as RepoPath },
      {
        repositoryOf: (url) => (url.endsWith('acme/fleet') ? here : undefined),
        snapshotOf: () => ({ snapshot, branch: 'main' }),
        chartOf: ({ key }) => (asked.has(key) ? answer : undefined),
      },
    );
    for (const request of charts ?? []) asked.set(request.key, request);
    if (value === undefined) continue;
    const build = value.builds.find((each) => each.release !== undefined);
    if (build === undefined) throw new Error('no release was built');
    return { cluster: value, build, asked: [...asked.values()] };
  }
  throw new Error('asks without end');
}

const entry = (text: string) => ({ ...chart, 'clusters/lab/apps.yaml': `${text}\n${source}` });

it('asks for the chart as helm-controller installs it', () => {
  const { asked } = built(entry(release('  values: {port: 80}')));

  expect(asked.at(-1)).toMatchObject({ releaseName: 'shop-cache', namespace: 'shop', values: { port: 80 } });
  expect(asked.at(-1)?.chart).toEqual({
    kind: 'folder',
    files: new Map([['Chart.yaml', chart['charts/cache/Chart.yaml']]]),
  });
});

it('puts what the chart brings where Helm does, with the HelmRelease as its owner and its place', () => {
  const { build, cluster } = built(entry(release()));

  expect(
    build.objects.map(({ manifest: { kind, builtNamespace, builtName } }) => [
      kind,
      builtNamespace,
      builtName,
    ]),
  ).toEqual([
    ['CustomResourceDefinition', undefined, 'things.example.com'],
    ['Deployment', 'shop', 'shop-cache'],
    ['Thing', undefined, 'one'],
    ['ConfigMap', 'monitoring', 'cache'],
    ['Job', 'shop', 'migrate'],
  ]);
  const [, deployment] = build.objects;
  expect(deployment?.manifest.renderedBy?.builtName).toBe('cache');
  expect(deployment?.manifest.locationOf(['spec'])).toMatchObject({
    file: 'clusters/lab/apps.yaml',
    line: 1,
  });
  expect(deployment?.manifest.built.metadata).toEqual({
    name: 'shop-cache',
    namespace: 'shop',
    labels: { 'helm.toolkit.fluxcd.io/name': 'cache', 'helm.toolkit.fluxcd.io/namespace': 'flux-system' },
  });
  expect(objectsByNamespace(cluster).get('shop')?.length).toBe(3);
  expect(cluster.problems).toEqual([]);
});

it('applies post-renderers before the namespace is set, and common metadata after them', () => {
  const { build } = built(
    entry(
      release(`  commonMetadata: {labels: {team: blue, helm.toolkit.fluxcd.io/name: x}}
  postRenderers:
  - kustomize:
      patches:
      - target: {kind: Deployment, namespace: shop}
        patch: '[{"op": "add", "path": "/metadata/labels", "value": {"missed": "yes"}}]'
      - target: {kind: Deployment}
        patch: |
          apiVersion: apps/v1
          kind: Deployment
          metadata: {name: any}
          spec: {template: {metadata: {annotations: {a: b}}}}
      images: [{name: docker.io/redis, newName: mirror.example/redis, newTag: "8"}]
`),
    ),
  );

  const deployment = build.objects.find(({ manifest }) => manifest.kind === 'Deployment')?.manifest.built;
  expect(deployment).toMatchObject({
    metadata: { labels: { team: 'blue', 'helm.toolkit.fluxcd.io/name': 'cache' } },
    spec: {
      template: {
        metadata: { labels: { app: 'cache' }, annotations: { a: 'b' } },
        spec: { containers: [{ image: 'mirror.example/redis:8' }] },
      },
    },
  });
  expect(JSON.stringify(deployment)).not.toContain('missed');
});

it.each<[string, string, ChartAnswer, string, string]>([
  ['suspended', '  suspend: true', { kind: 'rendered', text: '' }, 'frozen', 'it is suspended'],
  [
    'without helm',
    '',
    { kind: 'impossible', why: 'there is no helm', fix: 'Install helm' },
    'unknown',
    'there is no helm',
  ],
  ['with a chart that does not render', '', { kind: 'failed', why: 'nil pointer' }, 'failed', 'nil pointer'],
  ['that renders no YAML', '', { kind: 'rendered', text: '---\n# Source: x\na: [' }, 'failed', 'is not YAML'],
  [
    'with a post-renderer that kustomize refuses',
    '  postRenderers: [{kustomize: {patches: [{target: {kind: Deployment}, patch: "[{op: add}]"}]}}]',
    { kind: 'rendered', text: output },
    'failed',
    'post-renderer refuses',
  ],
  [
    'with a missing key',
    '  valuesFrom: [{kind: ConfigMap, name: v}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: v, namespace: flux-system}\n',
    { kind: 'rendered', text: output },
    'failed',
    'has no key values.yaml',
  ],
])('says once what is not known of a release %s', (_, more, answer, state, why) => {
  const { build, cluster } = built(entry(release(more)), answer);

  expect(build.state).toBe(state);
  expect(build.objects).toEqual([]);
  expect(cluster.problems).toHaveLength(1);
  expect(cluster.problems[0]?.message).toContain(
    `What HelmRelease flux-system/cache brings to namespace "shop" is not known: `,
  );
  expect(cluster.problems[0]?.message).toContain(why);
  expect(cluster.problems[0]?.fix).toContain('declare the services of "shop"');
  expect(cluster.problems[0]).toMatchObject({
    severity: 'warning',
    repository: here,
    file: 'clusters/lab/apps.yaml',
  });
});

it('renders with what it knows of the values, and names the rest', () => {
  const { build, asked, cluster } = built(
    entry(release('  valuesFrom: [{kind: Secret, name: auth, valuesKey: p, targetPath: auth.password}]')),
  );

  expect(build.state).toBe('built');
  expect(asked.at(-1)?.values).toEqual({ auth: { password: '${Secret flux-system/auth, key p}' } });
  expect(cluster.problems.map(({ rule, message }) => [rule, message.split('. ')[0]])).toEqual([
    [
      'helm-values-unknown',
      'HelmRelease flux-system/cache takes values from what Git does not show: Secret flux-system/auth, key p (auth.password)',
    ],
  ]);
});

it('tells charts that ask which kinds the cluster has, those of other charts too', () => {
  const files = {
    ...entry(release()),
    'charts/cache/templates/a.yaml': '{{ .Capabilities.APIVersions.Has "x" }}',
  };

  const last = built(files).asked.at(-1);

  expect(last?.apiVersions).toEqual(
    expect.arrayContaining(['batch/v1/CronJob', 'example.com/v1', 'example.com/v1/Thing']),
  );
});

it('follows the Kustomizations of a chart', () => {
  const text = `---
# Source: cache/templates/more.yaml
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: more, namespace: flux-system}
spec: {path: ./more, sourceRef: {kind: GitRepository, name: fleet}}
`;
  const { cluster } = built(
    { ...entry(release()), 'more/a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: late}\n' },
    { kind: 'rendered', text },
  );

  expect(cluster.builds.map(({ id, state }) => `${id} ${state}`)).toContain('flux-system/more built');
});
