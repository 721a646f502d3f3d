import { describe, expect, it } from 'vitest';
import type { OtherDirectory } from '../../src/model/fleet.ts';
import type { RepoPath } from '../../src/model/named.ts';
import { withChanges } from '../../src/model/snapshot.ts';
import { repository } from '../fakes/repository.ts';
import { service, spec } from '../fakes/spec.ts';
import { plan } from './plan.ts';

const app = (name: string) => `apiVersion: apps/v1
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
`;
const release =
  'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cache}\nspec: {chart: {spec: {chart: redis}}}\n';
const files = {
  'web/kustomization.yaml': 'namespace: shop\nresources: [ns.yaml, app.yaml]\n',
  'web/ns.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n',
  'web/app.yaml': app('web'),
  'cart/kustomization.yaml': 'namespace: shop\nresources:\n  - app.yaml\n',
  'cart/app.yaml': app('cart'),
  'plain/app.yaml': app('plain'),
  'cache/kustomization.yaml': 'namespace: shop\nresources: [release.yaml]\n',
  'cache/release.yaml': release,
};
const other = (directory: string, more: Partial<OtherDirectory> = {}): OtherDirectory => ({
  directory: directory as RepoPath,
  siblingDirectories: [],
  sharedWith: [],
  ...more,
});
const wanted = spec({
  directory: 'web' as RepoPath,
  otherDirectories: [other('cart'), other('plain'), other('cache')],
  services: [
    service({ name: 'web', serviceAccount: 'web' }),
    service({ name: 'cart', serviceAccount: 'cart' }),
  ],
});

describe('a namespace of several directories', () => {
  const bundle = plan(wanted, repository(files));
  const after = new Map(bundle.changes.map(({ path, after: text }) => [path as string, text ?? '']));

  it('gets the files of the mesh once, and a restart in each', () => {
    expect([...after.keys()].filter((path) => path.startsWith('cart/')).sort()).toEqual([
      'cart/istio-restart-patch.yaml',
      'cart/kustomization.yaml',
    ]);
    expect(after.get('plain/app.yaml')).toContain('meshwright.dev/mesh-revision: stable');
    expect(after.get('cache/release.yaml')).toContain('postRenderers');
    expect([...after.keys()].filter((path) => path.endsWith('istio-sidecar.yaml'))).toEqual([
      'web/istio-sidecar.yaml',
    ]);
  });

  it('knows the Services that the others build', () => {
    expect(bundle.problems).toEqual([]);
    expect(after.get('web/istio-destinationrule.yaml')).toContain('cart.shop.svc.cluster.local');
  });

  it('is not planned again once it is so, and taken out everywhere', () => {
    const joined = withChanges(repository(files), bundle.changes);
    const out = plan({ ...wanted, stage: 'outside' }, joined);

    expect(plan(wanted, joined).changes).toEqual([]);
    expect(out.changes.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['cart/istio-restart-patch.yaml', 'plain/app.yaml', 'cache/release.yaml']),
    );
  });

  it('is refused where another directory builds what would be added', () => {
    const sidecar =
      'apiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: default}\nspec: {egress: [{hosts: ["*/*"]}]}\n';
    const { problems, changes } = plan(wanted, repository({ ...files, 'plain/sidecar.yaml': sidecar }));

    expect(changes).toEqual([]);
    expect(problems).toMatchObject([
      { rule: 'bundle-object-elsewhere', severity: 'error', file: 'plain/sidecar.yaml', line: 3 },
    ]);
  });

  it('is refused where one of them is another target’s too', () => {
    const shared = { ...wanted, otherDirectories: [other('cart', { sharedWith: ['shop@prod' as never] })] };

    expect(plan(shared, repository(files)).problems).toMatchObject([
      { rule: 'bundle-directory-shared', severity: 'error', file: 'cart/kustomization.yaml' },
    ]);
  });
});
