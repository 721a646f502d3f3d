import { describe, expect, it } from 'vitest';
import type { NamespaceName } from '../../src/model/named.ts';
import { changesOf, problemsOf } from '../bundle/plan.ts';
import { app, overlay } from '../bundle/app.ts';
import { service, spec } from '../fakes/spec.ts';

const callers = [
  {
    namespace: 'web' as NamespaceName,
    serviceAccount: 'web',
    service: undefined,
    ports: [],
    stage: undefined,
  },
];
const chart = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cache}
spec: {chart: {spec: {chart: redis, sourceRef: {kind: HelmRepository, name: charts}}}}
`;
const complete = { callers: 'the chart brings nothing else', calls: undefined };
const refusal = `error policy-labels-unknown ${overlay}/kustomization.yaml`;

describe('istio-authorizationpolicy', () => {
  it.each([
    ['a service of a chart', { 'chart.yaml': chart }],
    [
      'a Service without a selector',
      {
        'cache.yaml':
          'apiVersion: v1\nkind: Service\nmetadata: {name: cache}\nspec: {ports: [{port: 8080}]}\n',
      },
    ],
  ])('refuses to let callers of %s call the whole namespace', (_, files) => {
    const services = [service({ name: 'cache', callers })];

    for (const stage of ['joined', 'enforced'] as const)
      expect(problemsOf(spec({ stage, services, complete }), app(files))).toContain(refusal);
    expect(problemsOf(spec({ services: [service({ name: 'cache' })] }), app(files))).not.toContain(refusal);
  });

  it('takes the labels that the fleet declares', () => {
    const services = [service({ name: 'cache', callers, selector: { app: 'redis' } })];

    const policies = changesOf(spec({ services }), app({ 'chart.yaml': chart }))[
      'istio-authorizationpolicy.yaml'
    ];

    expect(policies).toContain('  selector:\n    matchLabels:\n      app: redis\n');
  });

  it('writes no policy of several lines that selects all pods for callers', () => {
    const services = [service({ callers })];

    const policies = changesOf(spec({ services }), app())['istio-authorizationpolicy.yaml'] ?? '';

    for (const policy of policies.split('---').filter((text) => text.includes('allow-callers')))
      expect(policy).toContain('matchLabels:');
  });
});
