import { clusterGenerator } from './shared.ts';

/** The Namespace manifests that the fleet keeps with its clusters.
 *  @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/ */
export default clusterGenerator({
  id: 'central-namespaces',
  part: 'namespaces',
  why: () => 'the label that gives new pods a sidecar',
  owned: {
    file: 'namespaces.yaml',
    template: 'cluster/central-namespaces.yaml.hbs',
    role: { kind: 'resource' },
    view: ({ mesh, namespaces }) => {
      const central = namespaces.filter(({ isCentral }) => isCentral);
      if (central.length === 0) return undefined;
      return {
        revision: mesh.revision,
        namespaces: central.map(({ namespace, stage }) => ({ name: namespace, isIn: stage !== 'outside' })),
      };
    },
  },
});
