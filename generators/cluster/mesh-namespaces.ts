import { clusterGenerator } from './shared.ts';

/** The namespaces of the control plane and the gateway; Flux never prunes them. */
export default clusterGenerator({
  id: 'mesh-namespaces',
  part: 'controllers',
  why: () => 'the namespaces that Istio and its gateway run in',
  owned: {
    file: 'namespaces.yaml',
    template: 'cluster/namespaces.yaml.hbs',
    role: { kind: 'resource' },
    view: ({ mesh }) => ({
      namespaces: [...new Set([mesh.rootNamespace, mesh.gateway.namespace, mesh.gateway.podNamespace])],
    }),
  },
});
