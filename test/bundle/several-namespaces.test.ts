import { describe, expect, it } from 'vitest';
import type { NamespaceSpec } from '../../src/model/fleet.ts';
import type { NamespaceName, RepoPath, TargetId } from '../../src/model/named.ts';
import { withChanges } from '../../src/model/snapshot.ts';
import { readTree } from '../../src/kustomize/read-tree.ts';
import { stringAt } from '../../src/model/json.ts';
import { repository } from '../fakes/repository.ts';
import { service, spec } from '../fakes/spec.ts';
import { plan } from './plan.ts';

/** The layout of Flux' own example: an overlay for each environment that builds every application. */
const app = (namespace: string, name: string) => ({
  [`apps/base/${namespace}/kustomization.yaml`]: `namespace: ${namespace}\nresources: [ns.yaml, app.yaml]\n`,
  [`apps/base/${namespace}/ns.yaml`]: `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${namespace}}\n`,
  [`apps/base/${namespace}/app.yaml`]: `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {serviceAccountName: ${name}, containers: [{name: c, image: x}]}
---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 8080}]}
`,
});
const both = 'resources:\n  - ../base/shop\n  - ../base/pay\n';
const files = {
  ...app('shop', 'web'),
  ...app('pay', 'ledger'),
  'apps/staging/kustomization.yaml': both,
  'apps/production/kustomization.yaml': both,
};
const inOverlay = (namespace: string, name: string, more: Partial<NamespaceSpec> = {}) =>
  spec({
    target: `${namespace}@staging` as TargetId,
    namespace: namespace as NamespaceName,
    environment: 'staging',
    directory: 'apps/staging' as RepoPath,
    services: [service({ name })],
    ...more,
  });
const built = (snapshot: ReturnType<typeof repository>, directory: string) =>
  (readTree(snapshot, directory as RepoPath).value?.manifests ?? []).map(
    ({ kind, builtName, builtNamespace, built: object }) => ({
      what: `${kind} ${builtNamespace ?? ''}/${builtName}`,
      restarted: stringAt(
        object,
        'spec',
        'template',
        'metadata',
        'annotations',
        'meshwright.dev/mesh-revision',
      ),
      revision: stringAt(object, 'metadata', 'labels', 'istio.io/rev'),
    }),
  );

describe('an overlay that builds several namespaces', () => {
  const before = repository(files);
  const first = plan(inOverlay('shop', 'web'), before);
  const moved = withChanges(before, first.changes);

  it('gets the files of one of them, under its name', () => {
    expect(first.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(first.changes.map(({ path }) => path).filter((path) => !path.startsWith('.meshwright/'))).toEqual([
      'apps/staging/istio-namespace-shop-patch.yaml',
      'apps/staging/kustomization.yaml',
      'apps/staging/shop-istio-authorizationpolicy.yaml',
      'apps/staging/shop-istio-destinationrule.yaml',
      'apps/staging/shop-istio-restart-patch.yaml',
      'apps/staging/shop-istio-sidecar.yaml',
    ]);
  });

  it('restarts and labels nothing of its neighbours', () => {
    const after = built(moved, 'apps/staging');

    expect(after.find(({ what }) => what === 'Deployment shop/web')?.restarted).toBe('stable');
    expect(after.find(({ what }) => what === 'Deployment pay/ledger')?.restarted).toBeUndefined();
    expect(after.find(({ what }) => what === 'Namespace /shop')?.revision).toBe('stable');
    expect(after.find(({ what }) => what === 'Namespace /pay')?.revision).toBeUndefined();
  });

  it('changes nothing of other environments', () => {
    expect(built(moved, 'apps/production')).toEqual(built(before, 'apps/production'));
  });

  it('takes the next namespace beside the first, which stays as it is', () => {
    const second = plan(inOverlay('pay', 'ledger'), moved);
    const both = withChanges(moved, second.changes);

    expect(second.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(built(both, 'apps/staging').filter(({ what }) => what.includes('shop'))).toEqual(
      built(moved, 'apps/staging').filter(({ what }) => what.includes('shop')),
    );
    expect(built(both, 'apps/staging').find(({ what }) => what === 'Deployment pay/ledger')?.restarted).toBe(
      'stable',
    );
    expect(plan(inOverlay('pay', 'ledger'), both).changes).toEqual([]);
    expect(plan(inOverlay('shop', 'web'), both).changes).toEqual([]);
  });

  it('is taken out again, and its neighbour stays as it was', () => {
    const out = plan(inOverlay('shop', 'web', { stage: 'outside' }), moved);
    const after = built(withChanges(moved, out.changes), 'apps/staging');

    expect(after.filter(({ what }) => what.includes('pay'))).toEqual(
      built(before, 'apps/staging').filter(({ what }) => what.includes('pay')),
    );
    expect(after.some(({ revision }) => revision !== undefined)).toBe(false);
  });

  it('that builds nothing of the namespace is refused', () => {
    const { problems } = plan(inOverlay('cart', 'cart'), before);

    expect(problems.map(({ rule }) => rule)).toContain('bundle-namespace-differs');
  });
});

describe('a directory that several builds have', () => {
  const inBase = inOverlay('shop', 'web', { directory: 'apps/base/shop' as RepoPath });

  it('is not changed for one of them', () => {
    const { changes, problems } = plan(inBase, repository(files));

    expect(changes).toEqual([]);
    expect(problems).toMatchObject([
      {
        rule: 'bundle-directory-shared',
        severity: 'error',
        message:
          'apps/base/shop is part of several builds: apps/production, apps/staging. What is added to it reaches all of them, not shop@staging alone.',
        file: 'apps/base/shop/kustomization.yaml',
      },
    ]);
  });

  it('of other targets of the fleet is not changed either, and the others are named', () => {
    const wanted = inOverlay('shop', 'web', { sharedWith: ['shop@production' as TargetId] });
    const { changes, problems } = plan(wanted, repository(files));

    expect(changes).toEqual([]);
    expect(problems).toMatchObject([
      {
        rule: 'bundle-directory-shared',
        severity: 'error',
        message:
          'apps/staging is also what shop@production is built from. What is added to it reaches all of them, not shop@staging alone.',
      },
    ]);
  });

  it('is changed when a single build has it, however deep', () => {
    const single = {
      ...app('shop', 'web'),
      'apps/kustomization.yaml': 'resources: [base]\n',
      'apps/base/kustomization.yaml': 'resources: [shop]\n',
    };

    expect(plan(inBase, repository(single)).changes).not.toEqual([]);
  });

  it('can still be taken out of the mesh', () => {
    const { problems } = plan({ ...inBase, stage: 'outside' }, repository(files));

    expect(problems.map(({ rule }) => rule)).not.toContain('bundle-directory-shared');
  });
});

it('a HelmRelease of flux-system belongs to the namespace that it installs into', () => {
  const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec: {targetNamespace: shop, chart: {spec: {chart: web}}}
`;
  const { changes, problems } = plan(
    inOverlay('shop', 'web', { directory: 'deploy' as RepoPath }),
    repository({
      'deploy/kustomization.yaml': 'resources: [ns.yaml, web.yaml]\n',
      'deploy/ns.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
      'deploy/web.yaml': release,
    }),
  );

  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(changes.find(({ path }) => path === 'deploy/web.yaml')?.after).toContain(
    'meshwright.dev/mesh-revision',
  );
});

describe('a chart that nobody has read', () => {
  const files = {
    'deploy/kustomization.yaml': 'resources: [release.yaml]\n',
    'deploy/release.yaml': `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec: {targetNamespace: shop, chart: {spec: {chart: web}}}
`,
  };
  const rulesOf = (more: Partial<NamespaceSpec>) =>
    plan(
      inOverlay('shop', 'web', { directory: 'deploy' as RepoPath, ...more }),
      repository(files),
    ).problems.map(({ rule }) => rule);

  it('may join, and is not enforced: its policies would cut off whatever the chart brings', () => {
    expect(rulesOf({ stage: 'joined' })).not.toContain('bundle-chart-unknown');
    expect(rulesOf({ stage: 'enforced' })).toContain('bundle-chart-unknown');
  });

  it('is enforced once a person states that all callers are declared', () => {
    const complete = { callers: 'the chart has one service, and its callers are here', calls: undefined };

    expect(rulesOf({ stage: 'enforced', complete })).not.toContain('bundle-chart-unknown');
  });
});
