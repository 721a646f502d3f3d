import { describe, expect, it } from 'vitest';
import { repository } from '../fakes/repository.ts';
import { service, spec } from '../fakes/spec.ts';
import {
  app,
  deployment,
  kustomization,
  labelled,
  namespace,
  overlay,
  virtualService,
  withHost,
} from '../bundle/app.ts';
import { changesOf, plan, problemsOf } from '../bundle/plan.ts';

const callers = [
  { namespace: 'edge', serviceAccount: 'proxy', service: undefined, ports: [], stage: undefined },
] as never;
const called = (stage: 'joined' | 'enforced', more: object = {}) =>
  spec({ stage, services: [service({ callers, ...more })] });

const canary = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: catalog
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: catalog}
  service:
    port: 8080
    gateways: [edge/public] # the old way in
`;
const files = (text: string, workload = deployment) => ({
  [`${overlay}/kustomization.yaml`]: kustomization('namespace.yaml', 'owner.yaml', 'app.yaml'),
  [`${overlay}/namespace.yaml`]: labelled,
  [`${overlay}/owner.yaml`]: text,
  [`${overlay}/app.yaml`]: workload,
});

describe('owned-routes', () => {
  it('tells Flagger about the shared gateway and the host, and writes no VirtualService beside its own', () => {
    const changes = changesOf(withHost(), files(canary));

    expect(Object.keys(changes)).not.toContain('virtual-service.yaml');
    expect(Object.keys(changes)).not.toContain('istio-destinationrule.yaml');
    expect(changes['owner.yaml']).toContain('    gateways: [edge/public, istio-system/istio-shared-gateway]');
    expect(changes['owner.yaml']).toContain('    hosts:\n      - shop.lab.example.com\n');
  });

  it('tells Flagger about ISTIO_MUTUAL at enforced, where it makes the DestinationRules', () => {
    const changed = changesOf(called('enforced'), files(canary))['owner.yaml'];

    expect(changed).toContain('    trafficPolicy:\n      tls:\n        mode: ISTIO_MUTUAL\n');
  });

  it('has policies that meet the pods of the primary and those of the canary', () => {
    const policies = changesOf(called('joined'), files(canary))['istio-authorizationpolicy.yaml'] ?? '';

    expect(policies.match(/app: catalog.*$/gm)).toEqual(['app: catalog-primary', 'app: catalog']);
  });

  it('has them too where the Service is in Git, which Flagger takes over', () => {
    const policies = changesOf(called('joined'), app({ 'canary.yaml': canary }))[
      'istio-authorizationpolicy.yaml'
    ];

    expect(policies?.match(/app: catalog.*$/gm)).toEqual(['app: catalog', 'app: catalog-primary']);
  });

  it('adds host and gateway to the VirtualService whose weights a Rollout sets', () => {
    const rollout = deployment
      .replace('apps/v1', 'argoproj.io/v1alpha1')
      .replace('kind: Deployment', 'kind: Rollout')
      .replace(
        'spec:\n',
        'spec:\n  strategy: {canary: {trafficRouting: {istio: {virtualService: {name: storefront}}}}}\n',
      );
    const changes = changesOf(withHost(), {
      ...app({ 'route.yaml': virtualService('  hosts: [catalog]\n') }),
      [`${overlay}/app.yaml`]: rollout,
    });

    expect(Object.keys(changes)).not.toContain('virtual-service.yaml');
    expect(changes['route.yaml']).toContain('shop.lab.example.com');
    expect(changes['route.yaml']).toContain('istio-system/istio-shared-gateway');
  });

  const knative = `apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: catalog}
spec:
  template:
    spec: {serviceAccountName: catalog, containers: [{image: "catalog:1"}]}
`;
  const alone = {
    ...files(knative),
    [`${overlay}/kustomization.yaml`]: kustomization('namespace.yaml', 'owner.yaml'),
    [`${overlay}/namespace.yaml`]: namespace,
  };

  it('leaves routes to Knative, meets its pods, and makes a new revision with sidecars', () => {
    const changes = changesOf(called('joined'), alone);

    expect(Object.keys(changes)).not.toContain('istio-destinationrule.yaml');
    expect(changes['istio-authorizationpolicy.yaml']).toContain('serving.knative.dev/service: catalog');
    expect(changes['owner.yaml']).toContain('meshwright.dev/mesh-revision: stable');
  });

  it("refuses to enforce a Knative Service while nobody declares Knative's own proxies", () => {
    const { problems, changes } = plan(spec({ stage: 'enforced', services: [service()] }), repository(alone));

    expect(problems.filter(({ severity }) => severity === 'error')).toMatchObject([
      { rule: 'service-of-a-controller', file: `${overlay}/owner.yaml`, line: 2 },
    ]);
    expect(changes).toEqual([]);
  });
});

describe('a Service whose endpoints may have no sidecar gets no ISTIO_MUTUAL', () => {
  const withService = (text: string, workload = deployment) => ({
    ...app(),
    [`${overlay}/service.yaml`]: text,
    [`${overlay}/app.yaml`]: workload,
  });
  const noSelector =
    'apiVersion: v1\nkind: Service\nmetadata: {name: catalog}\nspec: {ports: [{port: 8080}]}\n';

  it('one without a selector', () => {
    const enforced = spec({ stage: 'enforced', services: [service()] });

    expect(Object.keys(changesOf(enforced, withService(noSelector)))).not.toContain(
      'istio-destinationrule.yaml',
    );
    expect(problemsOf(enforced, withService(noSelector))).toContain('warning service-without-selector ');
  });

  it('one whose pods ask for none', () => {
    const refusing = deployment.replace(
      'labels: {app: catalog}\n    spec',
      'labels: {app: catalog, sidecar.istio.io/inject: "false"}\n    spec',
    );
    const enforced = spec({ stage: 'enforced', services: [service()] });
    const all = { ...app(), [`${overlay}/app.yaml`]: refusing };

    expect(Object.keys(changesOf(enforced, all))).not.toContain('istio-destinationrule.yaml');
    expect(problemsOf(enforced, all)).toContain('warning service-without-sidecars ');
  });
});
