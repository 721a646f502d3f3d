import { describe, expect, it } from 'vitest';
import {
  builtInGroup,
  endsByItself,
  podTemplateOf,
  podTemplatePath,
  rollsPods,
  serviceAccountOf,
  sidecarRefusal,
} from '../../src/k8s/pod-template.ts';

// https://kubernetes.io/docs/concepts/workloads/
describe('a workload', () => {
  it.each<[string, string, string | undefined, string]>([
    ['apps', 'DaemonSet', 'spec.template', 'rolls'],
    ['apps', 'Deployment', 'spec.template', 'rolls'],
    ['apps', 'ReplicaSet', 'spec.template', ''],
    ['apps', 'StatefulSet', 'spec.template', 'rolls'],
    ['argoproj.io', 'Rollout', 'spec.template', 'rolls added'],
    ['batch', 'CronJob', 'spec.jobTemplate.spec.template', 'ends'],
    ['batch', 'Job', 'spec.template', 'ends'],
    ['', 'Pod', '', ''],
    ['', 'ReplicationController', 'spec.template', ''],
    ['', 'Service', undefined, 'added'],
    ['batch.volcano.sh', 'Job', undefined, ''],
    ['serving.knative.dev', 'Service', undefined, 'added'],
    ['', 'toString', undefined, 'added'],
  ])('%s/%s: its pods are described at %s', (group, kind, path, is) => {
    expect(podTemplatePath({ group, kind })?.join('.')).toBe(path);
    expect(rollsPods({ group, kind })).toBe(is.includes('rolls'));
    expect(endsByItself({ group, kind })).toBe(is.includes('ends'));
    expect(builtInGroup(kind) === undefined).toBe(is.includes('added'));
  });

  it('without a template of its own has none', () => {
    const rollout = { spec: { workloadRef: { kind: 'Deployment', name: 'web' } } };

    expect(podTemplateOf({ group: 'argoproj.io', kind: 'Rollout' }, rollout)).toBeUndefined();
  });
});

// The API server copies the older field to the newer one only where that is empty.
it.each([
  ['the name', { serviceAccountName: 'web' }, 'web'],
  ['the older field', { serviceAccount: 'web' }, 'web'],
  ['the newer of the two', { serviceAccountName: 'new', serviceAccount: 'old' }, 'new'],
  ['the older where the newer is empty', { serviceAccountName: '', serviceAccount: 'old' }, 'old'],
  ['default where both are', { serviceAccountName: '' }, 'default'],
  ['default where nothing says', {}, 'default'],
])('pods run as %s', (_, podSpec, account) => {
  expect(serviceAccountOf(podSpec)).toBe(account);
});

// https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
it.each([
  ['the label', { metadata: { labels: { 'sidecar.istio.io/inject': 'false' } } }, 'label'],
  ['the older annotation', { metadata: { annotations: { 'sidecar.istio.io/inject': 'false' } } }, 'label'],
  [
    'not the annotation beside a label',
    {
      metadata: {
        labels: { 'sidecar.istio.io/inject': 'true' },
        annotations: { 'sidecar.istio.io/inject': 'false' },
      },
    },
    undefined,
  ],
  ['the network of the node', { spec: { hostNetwork: true } }, 'hostNetwork'],
  ['nothing else', { metadata: { labels: { 'sidecar.istio.io/inject': 'no' } } }, undefined],
])('a sidecar is kept away by %s', (_, template, why) => {
  expect(sidecarRefusal(template)).toBe(why);
});
