import { clusterGenerator } from './shared.ts';

/** The shared Gateway, where only namespaces of the fleet may claim hosts: `<namespace>/*` still works without a server name.
 *  Those that are outside are among them: one that joins finds its place ready, and one that was taken out keeps its
 *  requests.
 *  @see https://istio.io/latest/docs/reference/config/networking/gateway/#Server */
export default clusterGenerator({
  id: 'shared-gateway-of-namespaces',
  part: 'cluster-config',
  why: () => 'one Gateway for all applications, open to the namespaces of the fleet only',
  owned: {
    file: 'gateway.yaml',
    template: 'cluster/gateway.yaml.hbs',
    role: { kind: 'resource' },
    view: ({ mesh, controlPlane, namespaces }) => {
      if (controlPlane.gatewayHosts === 'any') return undefined;
      const open = namespaces.filter(({ hasHosts }) => hasHosts);
      return {
        name: mesh.gateway.name,
        namespace: mesh.gateway.namespace,
        release: controlPlane.gatewayRelease,
        // A Gateway without hosts is refused; its own namespace claims none.
        hosts: open.length === 0 ? ['./*'] : open.map(({ namespace }) => `${namespace}/*`).sort(),
      };
    },
  },
});
