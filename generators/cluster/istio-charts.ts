import { clusterGenerator } from './shared.ts';

/** Flux sources of Istio's charts, pinned to one exact version.
 *  @see https://fluxcd.io/flux/components/source/ocirepositories/ */
export default clusterGenerator({
  id: 'istio-charts',
  part: 'controllers',
  why: () => 'where the charts come from, at one exact version',
  owned: {
    file: 'charts.yaml',
    template: 'cluster/charts.yaml.hbs',
    role: { kind: 'resource' },
    view: (spec) => ({
      rootNamespace: spec.mesh.rootNamespace,
      gatewayNamespace: spec.mesh.gateway.podNamespace,
      isElsewhere: spec.mesh.gateway.podNamespace !== spec.mesh.rootNamespace,
      isHelmRepository: spec.charts.startsWith('https://'),
    }),
  },
});
