import { describe, expect, it } from 'vitest';
import { draftOf } from '../../src/bundle/draft.ts';
import { repository } from '../fakes/repository.ts';
import { target } from '../fakes/spec.ts';
import { templates } from '../fakes/templates.ts';
import { app, labelled, namespace, overlay, withHost } from './app.ts';
import { changesOf, plan } from './plan.ts';

const sidecar = (mode: string) => `apiVersion: networking.istio.io/v1
kind: Sidecar
metadata:
  name: default
spec:
  egress:
    - hosts: ["*/*"]
${mode}`;
const open = '  outboundTrafficPolicy:\n    mode: ALLOW_ANY # partners call back on any host\n';
const rule = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: catalog
spec:
  host: catalog
  trafficPolicy:
    tls:
      mode: ISTIO_MUTUAL # audited 2026-02
`;

describe('a decision that people wrote down', () => {
  it('an open egress stays open at enforced, and the pull request says so', () => {
    const files = app({ 'people.yaml': sidecar(open) });
    const { changes, problems } = plan(withHost({ stage: 'enforced' }), repository(files));

    expect(changes.map(({ path }) => path)).not.toContain(`${overlay}/people.yaml`);
    expect(problems).toMatchObject([
      { rule: 'sidecar-egress-open', severity: 'warning', file: `${overlay}/people.yaml`, line: 9 },
    ]);
  });

  it('an egress that nobody decided on is closed at enforced', () => {
    const files = app({ 'people.yaml': sidecar('') });

    expect(changesOf(withHost({ stage: 'enforced' }), files)['people.yaml']).toContain('mode: REGISTRY_ONLY');
  });

  const meshed = `${namespace}  labels:\n    istio.io/rev: stable\n`;

  it('ISTIO_MUTUAL stays at joined in a namespace that is in the mesh already', () => {
    const files = { ...app({ 'rule.yaml': rule }), [`${overlay}/namespace.yaml`]: meshed };

    expect(changesOf(withHost(), files)).not.toHaveProperty('rule.yaml');
  });

  it('ISTIO_MUTUAL goes when the namespace leaves the mesh: its pods could not answer it', () => {
    const files = { ...app({ 'rule.yaml': rule }), [`${overlay}/namespace.yaml`]: meshed };

    expect(changesOf(withHost({ stage: 'outside' }), files)['rule.yaml']).not.toContain('ISTIO_MUTUAL');
  });

  it('ISTIO_MUTUAL goes at joined where no pod has a sidecar yet', () => {
    expect(changesOf(withHost(), app({ 'rule.yaml': rule }))['rule.yaml']).not.toContain('ISTIO_MUTUAL');
  });
});

describe('a namespace that a control plane without a revision serves', () => {
  const legacy = `${namespace}  labels:\n    istio-injection: enabled # since 2023\n`;
  const strict =
    'apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: default\nspec:\n  mtls:\n    mode: STRICT\n';
  const files = {
    ...app({ 'strict.yaml': strict, 'rule.yaml': rule }),
    [`${overlay}/namespace.yaml`]: legacy,
  };
  const base = withHost();
  const ofDefault = withHost({ mesh: { ...base.mesh, revision: 'default' } });

  it('joins as it is: its label, STRICT and ISTIO_MUTUAL stay', () => {
    const changes = changesOf(ofDefault, files);

    expect(Object.keys(changes)).not.toEqual(expect.arrayContaining(['namespace.yaml']));
    expect(changes).not.toHaveProperty('rule.yaml');
    expect(changes).not.toHaveProperty('istio-restart-patch.yaml');
    expect(plan(ofDefault, repository(files)).problems).toMatchObject([
      {
        rule: 'namespace-in-mesh',
        severity: 'info',
        message: expect.stringContaining('istio-injection: enabled already') as string,
        file: `${overlay}/namespace.yaml`,
        line: 6,
      },
    ]);
  });

  it('is outside of a mesh with a revision: nothing serves its label there', () => {
    expect(plan(base, repository(files)).problems).toMatchObject([
      { rule: 'peer-authentication-strict', severity: 'error' },
    ]);
  });
});

describe('a host that the Gateway API routes', () => {
  const route = `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: shop
spec:
  parentRefs: [{name: edge, namespace: envoy}]
  hostnames: [shop.lab.example.com]
  rules: [{backendRefs: [{name: catalog, port: 8080}]}]
`;

  it('gets no second route', () => {
    const files = app({ 'route.yaml': route });
    const { changes, problems } = plan(withHost(), repository(files));

    expect(changes.map(({ path }) => path)).not.toContain(`${overlay}/virtual-service.yaml`);
    expect(problems).toMatchObject([
      { rule: 'route-of-gateway-api', severity: 'warning', file: `${overlay}/route.yaml`, line: 7 },
    ]);
  });

  it('of another name does not keep the shared gateway from routing', () => {
    const files = app({ 'route.yaml': route.replace('shop.lab', 'other.lab') });

    expect(changesOf(withHost(), files)).toHaveProperty('virtual-service.yaml');
  });
});

describe('a control plane that does not know networking.istio.io/v1', () => {
  const of = (istioVersion: string, stage: 'joined' | 'outside' = 'joined') => {
    const base = withHost({ stage });
    return plan({ ...base, mesh: { ...base.mesh, istioVersion } }, repository(app()));
  };

  it('is refused', () => {
    expect(of('1.21.6')).toMatchObject({
      changes: [],
      problems: [{ rule: 'mesh-version-too-old', severity: 'error' }],
    });
  });

  it('can be left, and one that knows it is as good as any', () => {
    expect(of('1.21.6', 'outside').problems).toEqual([]);
    expect(of('1.22.0').changes).not.toEqual([]);
  });
});

describe('how to roll back', () => {
  const bodyOf = (files: Readonly<Record<string, string>>) => {
    const draft = draftOf(target(withHost()), plan(withHost(), repository(files)), templates, {
      forge: { branchPrefix: 'meshwright', labels: [], reviewers: [], draft: false } as never,
      purpose: { kind: 'stage' },
    });
    return draft.ok ? draft.value.body : JSON.stringify(draft.problems);
  };

  it('takes the label back where this pull request brings it', () => {
    expect(bodyOf(app())).toContain('Flux removes the label, policies and patches');
  });

  it('leaves the label where it was there before', () => {
    const body = bodyOf({ ...app(), [`${overlay}/namespace.yaml`]: labelled });

    expect(body).toContain('its pods keep their sidecars');
    expect(body).not.toContain('removes the label');
  });
});
