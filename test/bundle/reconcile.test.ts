import { describe, expect, it } from 'vitest';
import type { NamespaceName } from '../../src/model/named.ts';
import { withChanges } from '../../src/model/snapshot.ts';
import { repository } from '../fakes/repository.ts';
import { service, spec } from '../fakes/spec.ts';
import { overlay, labelled, kustomization, app, withHost, virtualService } from './app.ts';
import { changesOf, plan, problemsOf } from './plan.ts';

describe('an application without anything of Istio', () => {
  it('gets the bundle, and its kustomization the references in its own style', () => {
    const changes = changesOf(withHost(), app());

    expect(Object.keys(changes)).toEqual([
      'istio-authorizationpolicy.yaml',
      'istio-destinationrule.yaml',
      'istio-restart-patch.yaml',
      'istio-sidecar.yaml',
      'kustomization.yaml',
      'namespace.yaml',
      'virtual-service.yaml',
    ]);
    expect(changes['kustomization.yaml']).toBe(
      `${kustomization('namespace.yaml', 'app.yaml', 'service.yaml', 'virtual-service.yaml', 'istio-sidecar.yaml', 'istio-authorizationpolicy.yaml', 'istio-destinationrule.yaml')}patches:
- path: istio-restart-patch.yaml
  target:
    kind: Deployment|StatefulSet|DaemonSet
`,
    );
    expect(changes['namespace.yaml']).toBe(labelled);
  });

  it('is left alone when it is planned a second time', () => {
    const files = repository(app());
    const first = plan(withHost(), files);

    const second = plan(withHost(), withChanges(files, first.changes));

    expect(first.changes.length).toBeGreaterThan(0);
    expect(second.changes).toEqual([]);
  });

  it('changes only the lines that put things into force when it goes from joined to enforced', () => {
    const joined = repository(app());
    const after = withChanges(joined, plan(withHost(), joined).changes);

    const enforced = plan(withHost({ stage: 'enforced' }), after);

    expect(enforced.changes.map(({ path }) => path).filter((path) => !path.startsWith('.mesh'))).toEqual([
      `${overlay}/istio-authorizationpolicy.yaml`,
      `${overlay}/istio-destinationrule.yaml`,
      `${overlay}/istio-sidecar.yaml`,
    ]);
    const [policy, rule, sidecar] = enforced.changes;
    expect(policy?.after).toBe(
      policy?.before
        ?.replaceAll(/ {2}annotations:\n {4}istio\.io\/dry-run: "true"\n/g, '')
        .replace(/# istio\.io\/dry-run: .*\n/, ''),
    );
    expect(rule?.after).toContain('    tls:\n      mode: ISTIO_MUTUAL\n');
    expect(sidecar?.after).toBe(
      sidecar?.before
        ?.replace('mode: ALLOW_ANY', 'mode: REGISTRY_ONLY')
        .replace(
          /# Undeclared hosts.*/,
          '# A call to a host that is neither in this list nor in a ServiceEntry gets a 502.',
        ),
    );
  });

  it.each(['True', 't', '1'])('is not warned of a policy in dry run %s, which refuses nothing', (value) => {
    const policy = (dryRun: string) =>
      repository({
        ...app(),
        [`${overlay}/kustomization.yaml`]: kustomization(
          'namespace.yaml',
          'app.yaml',
          'service.yaml',
          'mine.yaml',
        ),
        [`${overlay}/mine.yaml`]: `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: mine, namespace: shop, annotations: {istio.io/dry-run: "${dryRun}"}}
spec: {action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]}
`,
      });
    const rulesOf = (dryRun: string) => plan(withHost(), policy(dryRun)).problems.map(({ rule }) => rule);

    expect(rulesOf(value)).not.toContain('policy-in-force');
    expect(rulesOf('False')).toContain('policy-in-force');
  });

  it('goes back from enforced to joined over the same lines', () => {
    const start = repository(app());
    const enforced = withChanges(start, plan(withHost({ stage: 'enforced' }), start).changes);

    const back = plan(withHost(), enforced);
    const texts = back.changes.map(({ after }) => after).join('');

    expect(texts).toContain('istio.io/dry-run: "true"');
    expect(texts).toContain('mode: ALLOW_ANY');
    expect(texts).not.toContain('ISTIO_MUTUAL');
  });
});

describe('an existing VirtualService', () => {
  it('keeps in-mesh routing when it had no gateways', () => {
    const before = virtualService('  hosts: [shop.lab.example.com]\n');

    const after = changesOf(withHost(), app({ 'routes.yml': before }))['routes.yml'] ?? '';

    expect(after.replace('  gateways:\n  - mesh\n  - istio-system/istio-shared-gateway\n', '')).toBe(before);
  });

  it('keeps its old gateway beside the shared one, until told to drop it', () => {
    const before = virtualService(
      '  gateways:\n  - edge/public # the old one\n  hosts:\n  - shop.lab.example.com\n',
    );

    const kept = changesOf(withHost(), app({ 'routes.yml': before }))['routes.yml'];
    const dropped = changesOf(withHost({ previousGateways: 'drop' }), app({ 'routes.yml': before }))[
      'routes.yml'
    ];

    expect(kept).toContain('  - edge/public # the old one\n  - istio-system/istio-shared-gateway\n');
    expect(dropped).toContain('  gateways:\n  - istio-system/istio-shared-gateway\n');
  });

  it('is refused at its place when it claims every host', () => {
    const before = virtualService('  gateways: [edge/public]\n  hosts: ["*"]\n');

    expect(problemsOf(withHost(), app({ 'routes.yml': before }))).toContain(
      `error virtual-service-wildcard-host ${overlay}/routes.yml:7:11`,
    );
  });

  it('gets a declared host it lacks, and none when a Flux variable may be it', () => {
    const literal = virtualService('  gateways: [edge/public]\n  hosts: [old.example.com]\n');
    const variable = literal.replace('old.example.com', '"${SHOP_HOST}"');

    expect(changesOf(withHost(), app({ 'r.yml': literal }))['r.yml']).toContain(
      'hosts: [old.example.com, shop.lab.example.com]',
    );
    expect(changesOf(withHost(), app({ 'r.yml': variable }))['r.yml']).toContain('hosts: ["${SHOP_HOST}"]');
    expect(problemsOf(withHost(), app({ 'r.yml': variable }))).toContain(
      `info virtual-service-variable-host ${overlay}/r.yml:7:10`,
    );
  });

  it('for hosts the fleet does not declare stays as it is, with a warning', () => {
    const other = virtualService('  gateways: [edge/public]\n  hosts: [admin.example.com]\n').replaceAll(
      'catalog',
      'admin',
    );

    expect(changesOf(withHost(), app({ 'r.yml': other }))['r.yml']).toBeUndefined();
    expect(problemsOf(withHost(), app({ 'r.yml': other }))).toContain(
      `warning virtual-service-not-declared ${overlay}/r.yml:6:13`,
    );
  });
});

const destinationRule = (policy: string, host = 'catalog') => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: rule
spec:
  host: ${host}
  trafficPolicy:
${policy}`;
const sticky = '    loadBalancer:\n      consistentHash:\n        httpCookie: {name: s, ttl: 0s}\n';

describe('an existing DestinationRule at enforced', () => {
  const enforced = withHost({ stage: 'enforced' });

  it('keeps its sticky session and gains ISTIO_MUTUAL', () => {
    const before = destinationRule(sticky);

    const after = changesOf(enforced, app({ 'dr.yaml': before }))['dr.yaml'];

    expect(after).toBe(`${before}    tls:\n      mode: ISTIO_MUTUAL\n`);
  });

  it.each([
    ['speaks TLS itself', '    tls: {mode: SIMPLE}\n'],
    ['turns TLS off', '    tls:\n      mode: DISABLE\n'],
    [
      'has TLS of its own on a port',
      '    portLevelSettings:\n    - port: {number: 8080}\n      tls: {mode: MUTUAL}\n',
    ],
  ])('is left as it is when it %s', (_, policy) => {
    const files = app({ 'dr.yaml': destinationRule(policy) });

    expect(changesOf(enforced, files)['dr.yaml']).toBeUndefined();
    expect(problemsOf(enforced, files).join()).toContain('warning destination-rule-own-tls');
  });

  it('toward an external host is not touched', () => {
    const changes = changesOf(
      enforced,
      app({ 'dr.yaml': destinationRule('    tls: {mode: SIMPLE}\n', 'api.example.com') }),
    );

    expect(changes['dr.yaml']).toBeUndefined();
    expect(changes['istio-destinationrule.yaml']).toContain('catalog.shop.svc.cluster.local');
  });
});

it('takes explicit ISTIO_MUTUAL away at joined, since pods without a sidecar cannot answer it', () => {
  const before = destinationRule(`${sticky}    tls:\n      mode: ISTIO_MUTUAL\n`);

  expect(changesOf(withHost(), app({ 'dr.yaml': before }))['dr.yaml']).toBe(destinationRule(sticky));
});

describe('existing policies', () => {
  const caller = {
    namespace: 'web' as NamespaceName,
    serviceAccount: 'front',
    service: undefined,
    ports: [8080],
    stage: 'enforced' as const,
  };
  const wanted = spec({ stage: 'enforced', services: [service({ callers: [caller] })] });
  const policies = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: nothing-by-default}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web-may-read}
spec:
  selector: {matchLabels: {app: catalog}}
  rules:
  - from: [{source: {principals: ["cluster.local/ns/web/sa/*"]}}]
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: mine}
spec:
  egress:
  - hosts: ["./*", "istio-system/*", "kube-system/*", "observability/*"]
  outboundTrafficPolicy: {mode: REGISTRY_ONLY}
`;

  it('that do the job under other names, in one file, are recognised', () => {
    const changes = changesOf(wanted, app({ 'mesh.yaml': policies }));

    expect(Object.keys(changes)).not.toContain('istio-authorizationpolicy.yaml');
    expect(Object.keys(changes)).not.toContain('istio-sidecar.yaml');
    expect(Object.keys(changes)).not.toContain('mesh.yaml');
  });

  it('that let less through are completed by the missing one only', () => {
    const narrower = policies.replace('sa/*', 'sa/other');

    const added = changesOf(wanted, app({ 'mesh.yaml': narrower }))['istio-authorizationpolicy.yaml'];

    expect(added).toContain('name: allow-callers-catalog');
    expect(added).toContain('- cluster.local/ns/web/sa/front');
    expect(added).toContain('- "8080"');
    expect(added).not.toContain('name: deny-all');
  });

  it('with action DENY or CUSTOM stay, and their name is not taken', () => {
    const deny =
      'apiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata:\n  name: deny-all\nspec:\n  action: DENY\n  rules: [{}]\n';

    expect(problemsOf(wanted, app({ 'deny.yaml': deny }))).toContain(
      `error bundle-name-taken ${overlay}/deny.yaml:6:3`,
    );
  });
});
