import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { planBundle } from '../../src/bundle/plan-target.ts';
import { loadFleet } from '../../src/fleet/load.ts';
import type { Bundle } from '../../src/model/bundle.ts';
import type { Target } from '../../src/model/fleet.ts';
import { repository } from '../fakes/repository.ts';
import { templates } from '../fakes/templates.ts';

const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
const fleetText = readFileSync(join(examples, 'fleet.yaml'), 'utf8');
type Files = Readonly<Record<string, string>>;
const platform: Files = Object.fromEntries(
  readdirSync(join(examples, 'repositories/acme/platform'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [
      relative(join(examples, 'repositories/acme/platform'), path),
      readFileSync(path, 'utf8'),
    ]),
);
const base = 'infrastructure/mesh/base';

function targetOf(id: string, text: string): Target {
  const fleet = loadFleet(text, 'fleet.yaml');
  if (!fleet.ok) throw new Error(JSON.stringify(fleet.problems));
  const target = fleet.value.targets.find((each) => each.id === id);
  if (target === undefined) throw new Error(`no ${id}`);
  return target;
}

function plan(files: Files, text = fleetText, id = 'cluster/lab-eu-1'): Bundle {
  const target = targetOf(id, text);
  const { value: bundle, needs } = planBundle(target, target.repository, repository(files), templates);
  if (bundle === undefined) throw new Error(`the plan asks for ${needs.join(', ')}`);
  return bundle;
}

function apply(files: Files, text = fleetText, id = 'cluster/lab-eu-1'): Files {
  const { changes, problems } = plan(files, text, id);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  const after = { ...files };
  for (const change of changes)
    if (change.after === undefined) Reflect.deleteProperty(after, change.path);
    else after[change.path] = change.after;
  return after;
}

const installed = apply(platform);
const edited = (files: Files, path: string, from: string | RegExp, to: string): Files => {
  expect(files[path]).toMatch(from);
  return { ...files, [path]: (files[path] ?? '').replace(from, () => to) };
};
const rulesOf = ({ problems }: Bundle) => problems.map(({ rule }) => rule);

describe('the bundle of a cluster', () => {
  it('is planned once: a second run changes nothing', () => {
    expect(plan(installed).changes).toEqual([]);
  });

  it('shares its base: a second cluster adds its own files only', () => {
    const { changes } = plan(installed, fleetText, 'cluster/lab-eu-2');

    expect(changes.map(({ path }) => path).sort()).toEqual([
      '.meshwright/cluster/lab-eu-2.lock.yaml',
      'clusters/lab-eu-2/apps.yaml',
      'clusters/lab-eu-2/mesh-variables.yaml',
      'clusters/lab-eu-2/mesh.yaml',
      'infrastructure/mesh/lab-eu-2/config/kustomization.yaml',
    ]);
  });

  it('differs from another cluster in one small file', () => {
    const both = apply(installed, fleetText, 'cluster/dev-eu-1');
    const of = (cluster: string, path: string) =>
      both[path.replace('NAME', cluster)]?.replaceAll(cluster, 'NAME');

    expect(of('dev-eu-1', 'clusters/NAME/mesh.yaml')).toBe(of('lab-eu-1', 'clusters/NAME/mesh.yaml'));
    const lines = (cluster: string) => of(cluster, 'clusters/NAME/mesh-variables.yaml')?.split('\n') ?? [];
    expect(lines('dev-eu-1').filter((line) => !lines('lab-eu-1').includes(line))).toEqual([
      '  environment: dev',
      '  domain: dev.acme.example',
      '  istio_charts: "oci://111122223333.dkr.ecr.eu-west-1.amazonaws.com/istio/charts"',
      '  istio_hub: "111122223333.dkr.ecr.eu-west-1.amazonaws.com/istio"',
      '  load_balancer_scheme: internet-facing',
      '  certificate_arn: "arn:aws:acm:eu-west-1:111122223333:certificate/7f3c1a52-0000-4000-8000-000000000002"',
    ]);
  });

  it('application-order: applications in the mesh wait for it, and no other Flux Kustomization does', () => {
    const text = installed['clusters/lab-eu-1/apps.yaml'] ?? '';

    expect(text.match(/dependsOn:\n {4}- name: mesh-config\n/g)).toHaveLength(3);
    expect(text).toMatch(/path: \.\/namespaces\n(?: .*\n)*$/);
    expect(installed['clusters/lab-eu-1/infrastructure.yaml']).toBe(
      platform['clusters/lab-eu-1/infrastructure.yaml'],
    );
  });

  it('keeps what people changed when templates or fleet move on', () => {
    let files = edited(
      installed,
      `${base}/gateway/istio-ingressgateway.yaml`,
      'minReplicas: 2',
      'minReplicas: 6 # Black Friday',
    );
    files = edited(
      files,
      'clusters/lab-eu-1/mesh-variables.yaml',
      'data:\n',
      'data:\n  team: platform # ours\n',
    );
    const text = fleetText.replace('- name: lab-eu-1\n', '- name: lab-eu-1\n        istioVersion: 1.30.4\n');

    const after = apply(files, text);

    expect(after[`${base}/gateway/istio-ingressgateway.yaml`]).toContain('minReplicas: 6 # Black Friday');
    expect(after['clusters/lab-eu-1/mesh-variables.yaml']).toContain('  team: platform # ours\n');
    expect(after['clusters/lab-eu-1/mesh-variables.yaml']).toContain('istio_version: "1.30.4"');
    expect(plan(after, text).changes).toEqual([]);
  });

  it('lists mesh.yaml where the cluster has a kustomization file of its own', () => {
    const listed = {
      ...platform,
      'clusters/lab-eu-1/kustomization.yaml':
        'resources:\n- flux-system\n- infrastructure.yaml\n- apps.yaml\n',
    };

    expect(apply(listed)['clusters/lab-eu-1/kustomization.yaml']).toBe(
      'resources:\n- flux-system\n- infrastructure.yaml\n- apps.yaml\n- mesh.yaml\n- mesh-variables.yaml\n',
    );
  });

  it('refuses another revision of the control plane under running proxies', () => {
    const text = fleetText.replace(
      '  revision: stable\n',
      '  revision: stable\n  controlPlaneRevision: 1-31\n',
    );

    expect(rulesOf(plan(installed, text))).toContain('cluster-revision-renamed');
    expect(plan(installed, text).changes).toEqual([]);
  });
});

describe('what else Flux builds on the cluster', () => {
  const flux = (name: string, path: string) => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: flux-system}
spec:
  interval: 1h
  path: ./${path}
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
`;

  it('may not hold an object of the mesh too', () => {
    const files = {
      ...platform,
      'clusters/lab-eu-1/old.yaml': flux('old-mesh', 'old'),
      'old/mtls.yaml':
        'apiVersion: security.istio.io/v1beta1\nkind: PeerAuthentication\nmetadata: {name: default, namespace: istio-system}\nspec: {mtls: {mode: STRICT}}\n',
    };
    const bundle = plan(files);

    expect(bundle.problems).toMatchObject([
      { rule: 'cluster-object-twice', severity: 'error', file: 'old/mtls.yaml', line: 1 },
    ]);
    expect(bundle.changes).toEqual([]);
    expect(rulesOf(plan({ ...files, 'clusters/lab-eu-1/old.yaml': flux('old-mesh', 'other') }))).toEqual([]);
  });

  it('holds what the mesh waits for, or a warning says that Flux would wait for ever', () => {
    const text = fleetText.replace('prerequisites: [infrastructure]', 'prerequisites: [cert-manager]');

    expect(plan(platform, text).problems).toMatchObject([
      { rule: 'cluster-prerequisite-unknown', severity: 'warning' },
    ]);
  });
});

describe('variables that nothing sets', () => {
  const gateway = `${base}/gateway/istio-ingressgateway.yaml`;

  it('are an error, because Flux would refuse the build', () => {
    const files = edited(installed, gateway, 'minReplicas: 2', 'minReplicas: ${gateway_replicas}');

    expect(plan(files).problems).toContainEqual(
      expect.objectContaining({
        rule: 'cluster-unknown-variable',
        severity: 'error',
        file: gateway,
        line: 51,
        column: 20,
      }),
    );
  });

  it.each(['${gateway_replicas-2}', '${ gateway_replicas }', '${gateway.replicas}'])(
    'and so is %s, which Flux refuses whatever is set',
    (value) => {
      const files = edited(installed, gateway, 'minReplicas: 2', `minReplicas: '${value}'`);

      expect(plan(files).problems).toContainEqual(
        expect.objectContaining({
          rule: 'cluster-bad-substitution',
          severity: 'error',
          file: gateway,
          line: 51,
        }),
      );
    },
  );

  it.each([
    [
      'set by the fleet',
      '${replicas}',
      fleetText.replace('- name: lab-eu-1\n', '- name: lab-eu-1\n        variables: {replicas: "4"}\n'),
    ],
    ['with a default', '${gateway_replicas:=2}', fleetText],
    ['with a default of another kind', '${gateway_replicas:+2}', fleetText],
    ['escaped, for Istio', '$${gateway_replicas}', fleetText],
  ])('are none when %s', (_, value, text) => {
    const files = edited(installed, gateway, 'minReplicas: 2', `minReplicas: ${value}`);

    expect(rulesOf(plan(files, text))).not.toContain('cluster-unknown-variable');
  });
});

describe('what a fleet may ask for', () => {
  it('hosts of the fleet’s namespaces only', () => {
    const text = fleetText.replace(
      '    serviceAccount: istio-ingressgateway\n',
      '    serviceAccount: istio-ingressgateway\n    hosts: namespaces\n',
    );
    const files = apply(platform, text);

    expect(files[`${base}/config/gateway.yaml`]).toBeUndefined();
    expect(files['infrastructure/mesh/lab-eu-1/config/gateway.yaml']).toContain(
      '      hosts:\n        - bookinfo/*\n        - online-boutique/*\n        - payments/*\n',
    );
  });

  it('Namespace manifests with the cluster, labelled once the namespace joins', () => {
    const text = fleetText.replace(
      'namespaceManifest: {repository: acme/platform, path: namespaces/payments.yaml}',
      'namespaceManifest: cluster',
    );
    const path = 'infrastructure/mesh/lab-eu-1/namespaces/namespaces.yaml';
    const withoutOwner = { ...platform, 'namespaces/kustomization.yaml': 'resources: []\n' };
    const out = apply(withoutOwner, text.replace('stage: joined', 'stage: outside'));
    const joined = apply(out, text);

    expect(out[path]).not.toContain('istio.io/rev');
    expect(joined[path]).toContain('  labels:\n    istio.io/rev: stable\n');
    expect(joined[path]).toContain('kustomize.toolkit.fluxcd.io/prune: disabled');
    expect(joined['clusters/lab-eu-1/mesh.yaml']).toContain('name: mesh-namespaces');
  });

  it('a Helm repository, tags of traces with a text that Flux must not fill in, annotations of the load balancer', () => {
    const text = fleetText
      .replace('  region: eu-west-1\n', '  region: eu-west-1\n  charts: https://charts.acme.example\n')
      .replace(/ {8}charts: oci.*\n/, '')
      .replace('{collector:', '{tags: {owner: "${team}"}, collector:')
      .replace(
        '        loadBalancer:\n',
        '        loadBalancer:\n          annotations: {alb.ingress.kubernetes.io/tags: "team=${x}"}\n',
      );
    const files = apply(platform, text);

    expect(files[`${base}/controllers/charts.yaml`]).toContain('kind: HelmRepository');
    expect(files[`${base}/istiod/istiod.yaml`]).toContain('      version: ${istio_version}\n');
    expect(files[`${base}/config/telemetry.yaml`]).toContain('value: "$${team}"');
    expect(files['clusters/lab-eu-1/mesh.yaml']).toContain('alb.ingress.kubernetes.io/tags: "team=$${x}"');
  });
});
