import { clusterGenerator } from './shared.ts';

/** Istio's CRDs, and the webhook that validates what carries no revision label.
 *  @see https://istio.io/latest/docs/setup/install/helm/ */
export default clusterGenerator({
  id: 'istio-base',
  part: 'controllers',
  why: () => "Istio's CRDs, which everything else needs",
  owned: {
    file: 'istio-base.yaml',
    template: 'cluster/istio-base.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) => ({
      rootNamespace: spec.mesh.rootNamespace,
      revision: spec.controlPlane.revision,
      isHelmRepository: spec.charts.startsWith('https://'),
    }),
  },
});
