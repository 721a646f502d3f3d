import { describe, expect, it } from 'vitest';
import type { RepoPath, RepositoryId } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';
import { service, spec } from '../fakes/spec.ts';
import {
  overlay,
  namespace,
  labelled,
  deployment,
  k8sService,
  kustomization,
  app,
  withHost,
  virtualService,
} from './app.ts';
import { changesOf, plan, problemsOf } from './plan.ts';

describe('namespace-label: the Namespace manifest', () => {
  it('loses the legacy injection label, which would win over the revision', () => {
    const before = `${namespace}  labels:\n    istio-injection: enabled # old\n    team: web\n`;

    const after = changesOf(spec(), { ...app(), [`${overlay}/namespace.yaml`]: before })['namespace.yaml'];

    expect(after).toBe(`${namespace}  labels:\n    team: web\n    istio.io/rev: stable\n`);
  });

  it('that someone keeps out of the mesh stays out until the fleet says why not', () => {
    const out = `${namespace}  labels:\n    istio-injection: disabled # ask Kim\n`;
    const files = { ...app(), [`${overlay}/namespace.yaml`]: out };
    const reason = { 'namespace-injection-disabled': 'Kim agreed' };

    expect(problemsOf(spec(), files)).toContain(
      `error namespace-injection-disabled ${overlay}/namespace.yaml:6:22`,
    );
    expect(plan(spec(), repository(files)).changes).toEqual([]);
    expect(changesOf(spec({ accept: reason }), files)['namespace.yaml']).toBe(labelled);
    expect(plan(spec({ accept: reason }), repository(files)).problems).toMatchObject([
      { severity: 'warning', message: expect.stringMatching(/ Accepted: Kim agreed$/) as string },
    ]);
    expect(changesOf(spec({ stage: 'outside' }), files)).not.toHaveProperty('namespace.yaml');
  });

  it('is asked for when nothing here is it', () => {
    const files = { ...app(), [`${overlay}/kustomization.yaml`]: kustomization('app.yaml', 'service.yaml') };

    expect(problemsOf(spec(), files)).toContain(`error namespace-not-found ${overlay}/kustomization.yaml`);
  });

  it('in another directory of the repository is edited there', () => {
    const manifest = {
      kind: 'file',
      repository: 'acme/shop' as RepositoryId,
      path: 'namespaces/shop.yaml' as RepoPath,
    } as const;
    const files = {
      ...app(),
      [`${overlay}/kustomization.yaml`]: kustomization('app.yaml'),
      'namespaces/shop.yaml': namespace,
    };

    expect(changesOf(spec({ namespaceManifest: manifest }), files)['namespaces/shop.yaml']).toBe(labelled);
  });

  it('is never rendered a second time', () => {
    const manifest = {
      kind: 'file',
      repository: 'acme/platform' as RepositoryId,
      path: 'shop.yaml' as RepoPath,
    } as const;

    expect(problemsOf(spec({ namespaceManifest: manifest }), app())).toContain(
      `error namespace-two-owners ${overlay}/namespace.yaml:4:9`,
    );
  });

  it('of an ambient namespace is refused', () => {
    const ambient = `${namespace}  labels: {istio.io/dataplane-mode: ambient}\n`;

    expect(problemsOf(spec(), { ...app(), [`${overlay}/namespace.yaml`]: ambient }).join()).toContain(
      'error namespace-ambient',
    );
  });
});

describe('a base that two environments build', () => {
  const files = {
    'deploy/base/kustomization.yaml': kustomization('app.yaml', 'service.yaml', 'vs.yaml', 'namespace.yaml'),
    'deploy/base/app.yaml': deployment,
    'deploy/base/service.yaml': k8sService,
    'deploy/base/namespace.yaml': namespace,
    'deploy/base/vs.yaml': virtualService('  gateways: [edge/public]\n  hosts: [shop.lab.example.com]\n'),
    [`${overlay}/kustomization.yaml`]: 'resources:\n  - ../../base\nnamePrefix: lab-\n',
    'deploy/overlays/dev/kustomization.yaml': 'resources:\n  - ../../base\n',
  };
  const wanted = withHost({ siblingDirectories: ['deploy/overlays/dev' as RepoPath] });

  it('is not changed: this overlay patches what it needs', () => {
    const changes = changesOf(wanted, files);

    expect(Object.keys(changes).filter((path) => path.startsWith('deploy/'))).toEqual([]);
    expect(changes['istio-virtualservice-storefront-patch.yaml']).toContain(
      '    - edge/public\n    - istio-system/istio-shared-gateway\n',
    );
    expect(changes['istio-namespace-shop-patch.yaml']).toContain('istio.io/rev: stable');
    expect(changes['kustomization.yaml']).toContain('  - path: istio-virtualservice-storefront-patch.yaml\n');
  });

  it('gives generated objects the names as finally built', () => {
    const rule = changesOf(wanted, files)['istio-destinationrule.yaml'];

    expect(rule).toContain('host: lab-catalog.shop.svc.cluster.local');
  });
});

it('adds no kustomization file to a directory that Flux autodetects', () => {
  const files = app();
  const { [`${overlay}/kustomization.yaml`]: _, ...bare } = files;

  const changes = changesOf(withHost(), bare);

  expect(Object.keys(changes)).not.toContain('kustomization.yaml');
  expect(Object.keys(changes)).not.toContain('istio-restart-patch.yaml');
  expect(changes['app.yaml']).toContain('meshwright.dev/mesh-revision: stable');
});

it('refuses a template that kustomize can not build, and leaves encrypted files alone', () => {
  const files = app({
    'chart.yaml': 'kind: {{ .Values.kind }}\n',
    'secret.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nsops: {version: 3.9.0}\n',
  });

  expect(problemsOf(withHost(), files)).toEqual(
    expect.arrayContaining([
      `error kustomize-not-yaml ${overlay}/chart.yaml:1:8`,
      `info kustomize-encrypted ${overlay}/secret.yaml:1:1`,
    ]),
  );
});

it('refuses to write over a file that is not part of the build, or through a link', () => {
  const inTheWay = { ...app(), [`${overlay}/istio-sidecar.yaml`]: 'kind: Note\n' };
  const linked = plan(withHost(), repository(app(), [`${overlay}/istio-sidecar.yaml`]));

  expect(problemsOf(withHost(), inTheWay)).toContain(
    `error bundle-file-in-the-way ${overlay}/istio-sidecar.yaml:1:1`,
  );
  expect(linked.problems.map(({ rule }) => rule)).toContain('bundle-link-in-the-way');
  expect(linked.changes).toEqual([]);
});

it('refuses a service account that the pods do not run as', () => {
  const wrong = spec({ services: [service({ serviceAccount: 'other' })] });

  expect(problemsOf(wrong, app()).join()).toContain(
    `error bundle-service-account-differs ${overlay}/app.yaml:12:27`,
  );
});

it('says so when a later patch of the build takes a change back', () => {
  const files = app({
    'vs.yaml': virtualService('  gateways: [edge/public]\n  hosts: [shop.lab.example.com]\n'),
  });
  const late = `${files[`${overlay}/kustomization.yaml`] ?? ''}patchesJson6902:
- target: {kind: VirtualService, name: storefront}
  patch: '[{"op": "replace", "path": "/spec/gateways", "value": ["edge/public"]}]'
`;

  expect(problemsOf(withHost(), { ...files, [`${overlay}/kustomization.yaml`]: late }).join()).toContain(
    'error bundle-not-stable',
  );
});
