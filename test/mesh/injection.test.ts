import { describe, expect, it } from 'vitest';
import { inventoryOf } from './manifests.ts';

// Reference 4.1. https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/
const isInjected = (namespace: string, labels: string, settings = {}, spec = '', annotations = '{}') => {
  const inventory = inventoryOf(
    `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: ${namespace}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: ${labels}, annotations: ${annotations}}, spec: {${spec}}}}
`,
    settings,
  );
  const [workload] = inventory.workloads;
  if (workload === undefined) throw new Error('the Deployment is missing');
  return inventory.injectionOf(workload).isInjected;
};
const tagged = { revisions: ['1-30', 'stable'] };
const withDefault = { revisions: ['1-30', 'default'] };

describe('labels of namespace and pod', () => {
  it.each<[string, string, string, object, boolean | undefined]>([
    [
      'istio-injection: enabled, with a default revision or tag',
      '{istio-injection: enabled}',
      '{}',
      withDefault,
      true,
    ],
    [
      'istio-injection: enabled, without one: nobody (field report 1)',
      '{istio-injection: enabled}',
      '{}',
      tagged,
      false,
    ],
    [
      'the legacy label wins over the revision label',
      '{istio-injection: enabled, istio.io/rev: stable}',
      '{}',
      tagged,
      false,
    ],
    [
      'istio-injection: disabled, whatever the pod says',
      '{istio-injection: disabled}',
      '{sidecar.istio.io/inject: "true"}',
      withDefault,
      false,
    ],
    ['istio-injection with any other value', '{istio-injection: "yes"}', '{}', withDefault, false],
    ['istio.io/rev of a tag', '{istio.io/rev: stable}', '{}', tagged, true],
    ['istio.io/rev of nobody, silently', '{istio.io/rev: typo}', '{}', tagged, false],
    [
      'istio.io/rev of the namespace: that of the pod is ignored',
      '{istio.io/rev: stable}',
      '{istio.io/rev: typo}',
      tagged,
      true,
    ],
    [
      'istio.io/rev, and the pod says no',
      '{istio.io/rev: stable}',
      '{sidecar.istio.io/inject: "false"}',
      tagged,
      false,
    ],
    ['nothing on the namespace, a revision on the pod', '{}', '{istio.io/rev: stable}', tagged, true],
    [
      'nothing on the namespace, inject on the pod',
      '{}',
      '{sidecar.istio.io/inject: "true"}',
      withDefault,
      true,
    ],
    ['the same without a default revision', '{}', '{sidecar.istio.io/inject: "true"}', tagged, false],
    ['nothing at all', '{}', '{}', withDefault, false],
  ])('%s', (_, namespace, labels, settings, expected) => {
    expect(isInjected(namespace, labels, settings)).toBe(expected);
  });
});

describe('pods that are never injected', () => {
  const rev = '{istio.io/rev: stable}';

  it('those on the network of their node', () => {
    expect(isInjected(rev, '{}', tagged, 'hostNetwork: true')).toBe(false);
  });

  it('those whose annotation says no', () => {
    expect(isInjected(rev, '{}', tagged, '', '{sidecar.istio.io/inject: "false"}')).toBe(false);
  });
});
