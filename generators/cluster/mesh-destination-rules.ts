import type { ClusterSpec } from '../../src/model/fleet.ts';
import { serviceHost } from '../../src/k8s/host.ts';
import { clusterGenerator } from './shared.ts';

/** ISTIO_MUTUAL for every service of the mesh, from STRICT on only: before that it would send mTLS to pods that have no
 *  sidecar yet (FIELD-REPORT 6). What never has one keeps a rule of its own without TLS settings, so that proxies go on
 *  deciding per endpoint: the most specific host of a namespace wins.
 *  @see https://istio.io/latest/docs/ops/configuration/traffic-management/tls-configuration/ */
export default clusterGenerator({
  id: 'mesh-destination-rules',
  part: 'cluster-config',
  why: () => 'every peer of a sidecar speaks mTLS by now, so nothing falls back to plaintext',
  owned: {
    file: 'destination-rules.yaml',
    template: 'cluster/destination-rules.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) =>
      spec.stage === 'strict'
        ? { rootNamespace: spec.mesh.rootNamespace, without: withoutSidecar(spec) }
        : undefined,
  },
});

/** Hosts whose pods have no sidecar, each with a name for its rule. */
function withoutSidecar(spec: ClusterSpec): readonly { readonly name: string; readonly host: string }[] {
  const namespaces = new Set<string>([
    'kube-system',
    spec.mesh.rootNamespace,
    spec.mesh.gateway.podNamespace,
    ...spec.mesh.providers.map(({ namespace }) => namespace),
    ...spec.exemptions.map(({ namespace }) => namespace),
    ...spec.namespaces.filter(({ stage }) => stage === 'outside').map(({ namespace }) => namespace),
  ]);
  return [
    { name: 'kubernetes-api', host: serviceHost('kubernetes', 'default') },
    ...[...namespaces].sort().map((namespace) => ({
      name: `without-sidecar-${namespace}`,
      host: serviceHost('*', namespace),
    })),
  ];
}
