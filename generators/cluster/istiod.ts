import { serviceHost } from '../../src/k8s/host.ts';
import { clusterGenerator } from './shared.ts';

/** The control plane. Its revision stays the same from version to version, so that running proxies keep their istiod.
 *  @see https://istio.io/latest/docs/setup/upgrade/in-place/ */
export default clusterGenerator({
  id: 'istiod',
  part: 'istiod',
  why: () => 'the control plane',
  owned: {
    file: 'istiod.yaml',
    template: 'cluster/istiod.yaml.hbs',
    role: { kind: 'resource' },
    view: ({ mesh, controlPlane, charts }) => ({
      rootNamespace: mesh.rootNamespace,
      isHelmRepository: charts.startsWith('https://'),
      revision: controlPlane.revision,
      tag: mesh.revision === controlPlane.revision ? undefined : mesh.revision,
      trustDomain: mesh.trustDomain,
      dnsCapture: mesh.dnsCapture,
      tracing:
        controlPlane.tracing === undefined
          ? undefined
          : {
              service: serviceHost(controlPlane.tracing.service, controlPlane.tracing.namespace),
              port: controlPlane.tracing.port,
            },
    }),
  },
});
