import { describe, expect, it } from 'vitest';
import { bindSpec } from '../../src/bundle/bind.ts';
import { readiness } from '../../src/bundle/readiness.ts';
import { reconcileWhole } from '../../src/bundle/reconcile-whole.ts';
import { readTree } from '../../src/kustomize/read-tree.ts';
import type { RepoPath, RepositoryId } from '../../src/model/named.ts';
import { repository } from '../fakes/repository.ts';
import { service, spec } from '../fakes/spec.ts';
import { templates } from '../fakes/templates.ts';
import { app, deployment, kustomization, overlay, withHost } from './app.ts';
import { changesOf, problemsOf } from './plan.ts';

function treeOf(files: Readonly<Record<string, string>>) {
  const { value: tree } = readTree(repository(files), overlay as RepoPath);
  if (tree === undefined) throw new Error('the tree was read whole');
  return tree;
}

describe('the container port of a Service that names it', () => {
  const files = app({
    'udp.yaml': deployment
      .replace('name: catalog', 'name: side')
      .replace('{containerPort: 8080, name: web}', '{containerPort: 9999, name: web, protocol: UDP}'),
  });

  it('is the one of the same transport', () => {
    // The pods of the other workload come first, and have a port of the same name that is UDP.
    const reordered = {
      ...files,
      [`${overlay}/kustomization.yaml`]: kustomization('udp.yaml', 'app.yaml', 'service.yaml'),
    };

    const bound = bindSpec({ ...spec({ services: [service()] }), filePrefix: '' }, treeOf(reordered));

    expect(bound.spec.services[0]?.ports[0]?.targetPort).toBe(8080);
  });
});

it('pods that say their account by the older name of the field run as it', () => {
  const files = {
    ...app(),
    [`${overlay}/app.yaml`]: deployment.replace('serviceAccountName', 'serviceAccount'),
  };

  const { problems } = bindSpec({ ...spec({ services: [service()] }), filePrefix: '' }, treeOf(files));

  expect(problems.map(({ rule }) => rule)).toEqual([]);
});

it.each([
  ['Rollout', 'argoproj.io/v1alpha1'],
  ['ReplicaSet', 'apps/v1'],
])('a %s whose pods refuse their sidecar is told of before enforcing', (kind, apiVersion) => {
  const workload = deployment
    .replace('kind: Deployment', `kind: ${kind}`)
    .replace('apps/v1', apiVersion)
    .replace('{app: catalog}\n    spec', '{app: catalog, sidecar.istio.io/inject: "false"}\n    spec');
  const snapshot = repository({ ...app(), [`${overlay}/app.yaml`]: workload });

  const { value: lacks = [] } = readiness(withHost(), 'acme/shop' as RepositoryId, snapshot, templates);

  expect(lacks.map(({ what }) => what)).toContainEqual(
    `the pods of ${kind} catalog have no sidecar (sidecar.istio.io/inject: "false")`,
  );
});

describe('a Job beside the application', () => {
  const job = (metadata: string) =>
    `apiVersion: batch/v1\nkind: Job\nmetadata: {name: migrate}\nspec: {template: {metadata: ${metadata}, spec: {containers: []}}}\n`;
  const warnings = (metadata: string) =>
    problemsOf(withHost(), app({ 'job.yaml': job(metadata) })).filter((each) =>
      each.includes('job-with-sidecar'),
    );

  it.each([
    ['{}', 1],
    ['{labels: {sidecar.istio.io/inject: "false"}}', 0],
    ['{annotations: {sidecar.istio.io/inject: "false"}}', 0],
  ])('whose pods have %s is warned of %i times', (metadata, times) => {
    expect(warnings(metadata)).toHaveLength(times);
  });
});

it('a VirtualService that is bound to the shared gateway by its old name is left as it is', () => {
  const files = app({
    'virtual-service.yaml': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: catalog}
spec:
  hosts: [shop.lab.example.com]
  gateways: [istio-shared-gateway.istio-system.svc.cluster.local]
  http: [{route: [{destination: {host: catalog, port: {number: 8080}}}]}]
`,
  });

  expect(Object.keys(changesOf(withHost(), files))).not.toContain('virtual-service.yaml');
});

it('a ServiceEntry whose wildcard begins in a label covers a host', () => {
  const entry = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: apis}
spec: {hosts: ["*-api.example.com"], ports: [{number: 443, name: https, protocol: HTTPS}], resolution: NONE}
`;
  const external = [
    { host: 'pay-api.example.com', ports: [{ number: 443, protocol: 'https' as const }], addresses: [] },
  ];

  expect(Object.keys(changesOf(withHost({ external }), app({ 'apis.yaml': entry })))).not.toContain(
    'istio-serviceentry.yaml',
  );
});

it('a Sidecar that takes in its own namespace by name lacks nothing of it', () => {
  const sidecar = `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: default}
spec: {outboundTrafficPolicy: {mode: ALLOW_ANY}, egress: [{hosts: ["shop/*", "istio-system/*", "kube-system/*", "*/opentelemetry-collector.observability.svc.cluster.local"]}]}
`;

  expect(changesOf(withHost(), app({ 'sidecar.yaml': sidecar }))['sidecar.yaml']).toBeUndefined();
});

it('an object whose maps are written in another order is as it is wanted', () => {
  const wanted = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
    items: [{ one: 1, two: 2 }],
  };
  const tree = treeOf({
    [`${overlay}/kustomization.yaml`]: 'resources: [a.yaml]\n',
    [`${overlay}/a.yaml`]:
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nitems: [{two: 2, one: 1}]\n',
  });

  expect(reconcileWhole([wanted], tree, 'it is wanted').actions).toEqual([]);
});
