import { objectAt, stringAt, valueAt, type YamlPath } from '../../../model/json.ts';
import { documentValues } from '../../../yaml/documents.ts';
import { istioReleases } from '../../../mesh/control-plane.ts';
import { rule } from '../../rule.ts';

export default rule({
  id: 'auto-mtls-off',
  severity: 'warning',
  kinds: ['HelmRelease', 'IstioOperator', 'ConfigMap'],
  summary: 'a mesh with `enableAutoMtls: false`',
  why: "Without auto mTLS, a proxy sends plaintext to every service for which no DestinationRule sets ISTIO_MUTUAL, whether it has a sidecar or not. A DestinationRule with any traffic policy but no `tls` then breaks callers of STRICT services, and namespaces can't move one by one: a mesh-wide DestinationRule breaks calls to those that have not moved yet.",
  fix: 'Remove the setting; auto mTLS is the default and decides for each endpoint.',
  equivalent: [],
  see: [
    'https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/#auto-mtls',
    'https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig',
  ],
  *check(inventory) {
    const message = 'Proxies in this mesh send plaintext unless a DestinationRule sets a TLS mode.';
    for (const { resource, chart, valuesPath } of istioReleases(inventory)) {
      const path: YamlPath =
        chart === 'operator'
          ? ['spec', 'meshConfig', 'enableAutoMtls']
          : [...valuesPath, 'meshConfig', 'enableAutoMtls'];
      if (valueAt(resource.value, ...path) === false) yield { resource, path, message };
    }
    for (const resource of inventory.of('ConfigMap')) {
      if (resource.name !== 'istio' && !resource.name.startsWith('istio-')) continue;
      const [config] = documentValues(stringAt(resource.value, 'data', 'mesh') ?? '');
      if (objectAt(config).enableAutoMtls === false) yield { resource, path: ['data', 'mesh'], message };
    }
  },
});
